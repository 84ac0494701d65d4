"""Orders: what the benchmarks fold. Placed, filled, talked about, moved and mostly paid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from mainstem import (
    Command,
    Event,
    State,
    View,
    at,
    count,
    first,
    highest,
    keyed,
    last,
    says,
    total,
)

Channel = Literal["web", "ios", "android", "store"]
Method = Literal["card", "paypal", "wire"]


class Placed(Event):
    customer: str
    channel: Channel
    email: str
    campaign: str | None = None


class Added(Event):
    sku: str
    qty: int
    price_cents: int
    title: str
    gift: bool = False


class Removed(Event):
    sku: str
    qty: int
    price_cents: int
    reason: str


class Noted(Event):
    author: str
    note: str
    pinned: bool


class Moved(Event):
    street: str
    city: str
    postcode: str


class Paid(Event):
    amount_cents: int
    method: Method
    tx: str


class Order(View):
    """Fourteen columns of every common kind."""

    status = last(says("placed", Placed), says("paid", Paid), default="new")
    customer = first(Placed.customer)
    channel = first(Placed.channel)
    placed_at = first(at(Placed))
    items = total(Added.qty, -Removed.qty)
    net_cents = total(Added.qty * Added.price_cents, -(Removed.qty * Removed.price_cents))
    dearest_cents = highest(Added.price_cents)
    notes = count(Noted)
    last_note = last(Noted.note)
    city = last(Moved.city)
    street = last(Moved.street)
    paid_cents = total(Paid.amount_cents)
    tx = last(Paid.tx)
    due_cents = net_cents - paid_cents


class Line(State, key=(Added.sku, Removed.sku)):
    """What an order holds of one article."""

    qty = total(Added.qty, -Removed.qty)


class Basket(Order):
    """The same with a keyed map: one row for each article."""

    lines = keyed(Line)


class Note(Command[Order], starts=True):
    """With a command orders are decided, as most events are. Nobody asks it here."""

    text: str

    def decide(self, order: Order) -> Iterator[Event]:
        yield Noted(author=self.by, note=self.text, pinned=False)
