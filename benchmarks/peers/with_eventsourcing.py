"""The library `eventsourcing`: an aggregate class, and a repository that replays its events."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

from benchmarks.peers import OBJECTS, SQLITE
from mainstem.envelope import Envelope

STORES = {
    SQLITE: {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": ":memory:"},
    OBJECTS: {"PERSISTENCE_MODULE": "eventsourcing.popo"},
}


class Order(Aggregate):
    """The fourteen columns of an order."""

    status: str
    customer: str
    channel: str
    placed_at: int
    items: int
    net_cents: int
    dearest_cents: int | None
    notes: int
    last_note: str | None
    city: str | None
    street: str | None
    paid_cents: int
    tx: str | None

    @event("Placed")
    def __init__(
        self, customer: str, channel: str, email: str, campaign: str | None, placed_at: int
    ) -> None:
        self.status, self.customer, self.channel = "placed", customer, channel
        self.placed_at = placed_at
        self.items = self.net_cents = self.notes = self.paid_cents = 0
        self.dearest_cents = self.last_note = self.city = self.street = self.tx = None

    @event("Added")
    def added(self, sku: str, qty: int, price_cents: int, title: str, gift: bool) -> None:
        self.items += qty
        self.net_cents += qty * price_cents
        if self.dearest_cents is None or price_cents > self.dearest_cents:
            self.dearest_cents = price_cents

    @event("Removed")
    def removed(self, sku: str, qty: int, price_cents: int, reason: str) -> None:
        self.items -= qty
        self.net_cents -= qty * price_cents

    @event("Noted")
    def noted(self, author: str, note: str, pinned: bool) -> None:
        self.notes += 1
        self.last_note = note

    @event("Moved")
    def moved(self, street: str, city: str, postcode: str) -> None:
        self.city, self.street = city, street

    @event("Paid")
    def paid(self, amount_cents: int, method: str, tx: str) -> None:
        self.status, self.tx = "paid", tx
        self.paid_cents += amount_cents

    @property
    def due_cents(self) -> int:
        return self.net_cents - self.paid_cents


class Store:
    """An application that has saved all these orders, ready to replay them."""

    def __init__(self, place: str, envelopes: Iterable[Envelope]) -> None:
        self.application: Application[UUID] = Application(env=STORES[place])
        self.ids: dict[str, UUID] = {}
        for id, history in groupby(envelopes, key=lambda envelope: envelope.id):
            order = _lived(history)
            self.application.save(order)
            self.ids[id] = order.id

    def replayed(self) -> dict[str, Order]:
        """Every order, from the events that the repository holds."""
        get = self.application.repository.get
        return {id: get(known) for id, known in self.ids.items()}


def _lived(history: Iterable[Envelope]) -> Order:
    first, *others = history
    order: Order = Order(**first.data, placed_at=first.at)
    for one in others:
        getattr(order, one.type.lower())(**one.data)
    return order
