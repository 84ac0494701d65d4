"""Balances: what tickets have earned each organiser, less what was paid out. No refunds."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, Refused, View, distinct, readers, role, system, total
from mainstem.values import Cents, Line

# Events are stored for ever: add fields with defaults, never rename or remove.


class Credited(Event):
    payment: str
    cents: int


class PaidOut(Event):
    payout: str
    cents: int


class Balance(View):
    cents = total(Credited.cents, -PaidOut.cents)
    payments = distinct(Credited.payment)
    payouts = distinct(PaidOut.payout)

    seen_by = readers(View.id)  # an organiser's balance has the organiser's name


class Credit(Command[Balance], starts=True, by=system):
    payment: Line
    cents: Cents

    def decide(self, balance: Balance) -> Iterator[Event]:
        if self.payment not in balance.payments:
            yield Credited(**self.model_dump())


class PayOut(Command[Balance], by=role("payments")):
    payout: Line
    cents: Cents

    def decide(self, balance: Balance) -> Iterator[Event]:
        if self.payout not in balance.payouts:
            if self.cents > balance.cents:
                raise Refused("no more is paid out than was earned")
            yield PaidOut(**self.model_dump())
