"""A domain in which anybody may write down anything, also what can't be an id."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from mainstem import Command, Event, View, anyone, count, last
from mainstem.discovery import Domain, domain_of


class Made(Event):
    text: str


class Thing(View):
    text = last(Made.text, default="")
    times = count(Made)


class Make(Command[Thing], starts=True, by=anyone, again=True):
    text: str

    def decide(self, thing: Thing) -> Iterator[Event]:
        yield Made(text=self.text)


class Name(Command[Thing], starts=True, by=anyone, again=True):
    name: str
    text: str = "tea"

    def which(self) -> str:
        return self.name

    def decide(self, thing: Thing) -> Iterator[Event]:
        yield Made(text=self.text)


def things() -> dict[str, Domain]:
    """This file as a domain."""
    return {"things": domain_of(sys.modules[__name__])}
