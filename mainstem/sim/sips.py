"""Sips: the ingested domain of the standard story. Many producers, and nobody decides."""

from __future__ import annotations

from mainstem import Event, View, count, last, latest, total


class Sipped(Event):
    source: str
    nth: int
    amount: int


class Stirred(Event, silent=True):
    """No view hears it, and code from before it does not know it."""

    source: str
    nth: int


class Cup(View):
    """One cup: who sipped last, and how much in all."""

    sips = count(Sipped)
    amount = total(Sipped.amount)
    last_of = last(Sipped.source)
    order = latest(Sipped.nth, n=100)
