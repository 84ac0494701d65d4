"""Jars: the domain that the standard story is about. Filled by many hands, taken from, broken."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import (
    Answer,
    Call,
    Command,
    Effect,
    Event,
    Refused,
    View,
    count,
    distinct,
    flag,
    index,
    keyed,
    last,
    on,
    search,
    total,
    unique,
)  # fmt: skip
from mainstem import State as Per


class Opened(Event):
    name: str


class Filled(Event):
    hand: str
    amount: int


class Taken(Event):
    hand: str
    amount: int


class Missed(Event):
    hand: str


class Relabelled(Event):
    name: str


class Left(Event):
    hand: str


class Broken(Event):
    pass


class Dusted(Event, silent=True):
    """No view hears it, and code from before it does not know it."""


class Share(Per, key=(Filled.hand, Taken.hand), gone=Left.hand):
    """What a jar holds of one hand's."""

    amount = total(Filled.amount, -Taken.amount)


class Jar(View):
    """One jar."""

    name = last(Opened.name, Relabelled.name)
    level = total(Filled.amount, -Taken.amount)
    fills = count(Filled)
    missed = count(Missed)
    hands = distinct(Filled.hand, Taken.hand)
    whole = flag(on=Opened, off=Broken)
    shares = keyed(Share)

    label = unique(name)
    fullest = index(whole, order=level, newest_first=True)
    words = search(name)


class Hand(View, key=(Filled.hand, Taken.hand), gone=Left.hand):
    """One hand at one jar."""

    amount = total(Filled.amount, -Taken.amount)
    turns = count(Filled)

    busiest = index(order=turns)


class Open(Command[Jar], starts=True):
    name: str

    def decide(self, jar: Jar) -> Iterator[Event]:
        if not jar.exists:
            yield Opened(name=self.name)


class Fill(Command[Jar]):
    amount: int

    def decide(self, jar: Jar) -> Answer[int]:
        if not jar.whole:
            raise Refused("it is broken")
        yield Filled(hand=self.by, amount=self.amount)
        return jar.level + self.amount


class Take(Command[Jar]):
    amount: int

    def decide(self, jar: Jar) -> Iterator[Event]:
        if self.amount > jar.level:
            raise Refused("it holds less", records=Missed(hand=self.by))
        yield Taken(hand=self.by, amount=self.amount)


class Relabel(Command[Jar]):
    name: str

    def decide(self, jar: Jar) -> Iterator[Event]:
        if jar.name != self.name:
            yield Relabelled(name=self.name)


class Leave(Command[Jar]):
    def decide(self, jar: Jar) -> Iterator[Event]:
        if self.by in jar.hands:
            yield Left(hand=self.by)
            yield Filled(hand="somebody", amount=0)


class Break(Command[Jar]):
    def decide(self, jar: Jar) -> Iterator[Event]:
        if jar.whole:
            yield Broken()


class Dust(Command[Jar]):
    def decide(self, jar: Jar) -> Answer[int]:
        yield Dusted()
        return jar.fills


@on(Broken)
def sweep_up(event: Broken, jar: Jar) -> Iterator[Effect]:
    """Somebody has to."""
    yield Call(url="https://example.org/broom", data={"name": jar.name or ""})
