"""Dots: the smallest domain there is, for searches that meet it a million times."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, View, count, latest


class Dotted(Event):
    hand: str
    nth: int


class Dots(View):
    """How many, and whose were the last ones."""

    dots = count(Dotted)
    hands = latest(Dotted.hand, n=9)
    order = latest(Dotted.nth, n=9)


class Dot(Command[Dots], starts=True, again=True):
    times: int

    def decide(self, dots: Dots) -> Iterator[Event]:
        for nth in range(self.times):
            yield Dotted(hand=self.by, nth=dots.dots + nth + 1)
