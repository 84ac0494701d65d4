"""A view with a list of every kind, and a reader over rows that were put there by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from local.adapters import Adapters, adapters
from mainstem import (
    Command,
    Event,
    State,
    View,
    at,
    count,
    distinct,
    first,
    flag,
    highest,
    index,
    keyed,
    last,
    latest,
    readers,
    search,
)
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Change, Entry, Generation, Head
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.change import canonical
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries.reader import Reader


class Brewed(Event):
    tea: str
    cups: int
    litres: float
    until: datetime
    kind: Literal["green", "black"]
    guest: str | None = None


class Guest(State, key=Brewed.tea):
    since = first(at(Brewed))


class Pot(View):
    tea = last(Brewed.tea, default="")
    cups = last(Brewed.cups, default=0)
    litres = last(Brewed.litres, default=0.0)
    until = last(Brewed.until)
    kind = last(Brewed.kind)
    guest = last(Brewed.guest)
    full = flag(on=Brewed)
    teas = distinct(Brewed.tea)
    brews = latest(at(Brewed), n=3)
    most = highest(Brewed.cups)
    guests = keyed(Guest)
    times = count(Brewed)
    _hidden = last(Brewed.tea)

    by_tea = index(tea, order=cups)
    by_cups = index(cups)
    by_litres = index(litres)
    by_until = index(until)
    by_kind = index(kind)
    by_guest = index(guest)
    by_full = index(full)
    by_member = index(teas)
    by_key = index(guests)
    most_first = index(order=most, newest_first=True)
    words = search(tea)
    more_words = search(kind)
    seen_by = readers(guest)


class Pots(View, key=Brewed.tea):
    cups = last(Brewed.cups)


class Limits(View):
    limit = last(Brewed.cups, default=0)

    by_limit = index(limit)


class Brew(Command[Pot], starts=True):
    def decide(self, pot: Pot) -> Iterator[Event]:
        yield from ()


def domain(view: type[View] = Pot, *commands: type[Command[Any]]) -> Domain:
    """The domain of this view alone."""
    asked = {one.__name__: one for one in commands}
    return Domain("pots", sys.modules[__name__], {"Brewed": Brewed}, {"View": view}, asked, {})


@dataclass
class Shelf:
    """Rows put there by hand."""

    ports: Adapters
    sink: Sink
    generation: Generation

    @property
    def reader(self) -> Reader:
        ports = self.ports
        return Reader(ports.rows, ports.generations, ports.search, ports.journal, ports.clock, 0)

    def put(self, id: str, guest: str, order: int) -> None:
        """A row in the list of the most cups."""
        cells = {"version": 1, "changed_at": order, "guest": guest, "most": order}
        entry = Entry("most_first", canonical([]), order, "")
        nothing = Head(0, NOWHERE, {})
        change = Change(nothing, 1, NOWHERE, {"": msgspec.json.encode(cells)}, listed=(entry,))
        aggregate = Aggregate("main", "pots", id)
        assert drive(self.ports.rows.write(self.generation, aggregate, change))


@contextmanager
def shelf(path: Path) -> Iterator[Shelf]:
    """With one current generation of pots."""
    ports = adapters(path)
    try:
        sink = Sink(domain(), Pot)
        generation = drive(ports.generations.start(sink.name, sink.fingerprint, 1))
        assert drive(ports.generations.promote(generation, None, 1))
        yield Shelf(ports, sink, generation)
    finally:
        ports.close()
