"""A small domain with a past: what an earlier, a later and a forgetful version of it say."""

from __future__ import annotations

from local.adapters import Adapters
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled
from mainstem.envelope import Envelope, encode
from mainstem.ports import Bundle
from mainstem.protocol.drive import drive
from tests.cli.desk import Here, opened

GUESTS = '''\
"""Guests: they come, and they muse."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, View, index, last


class Came(Event):
    name: str


class Mused(Event):
    thought: str


class Guest(View):
    name = last(Came.name, default="")

    by_name = index(order=name)


class Come(Command[Guest], starts=True, again=True):
    name: str

    def decide(self, guest: Guest) -> Iterator[Event]:
        yield Came(name=self.name)


class Muse(Command[Guest], again=True):
    thought: str

    def decide(self, guest: Guest) -> Iterator[Event]:
        yield Mused(thought=self.thought)
'''
CHANGED = GUESTS.replace("index, last", "count, index, last").replace(
    '    name = last(Came.name, default="")\n',
    '    name = last(Came.name, default="")\n    visits = count(Came)\n',
)
_MUSED, _MUSE = GUESTS.index("class Mused"), GUESTS.index("class Muse(")
FORGETFUL = GUESTS[:_MUSED] + GUESTS[GUESTS.index("class Guest(") : _MUSE].rstrip() + "\n"
AT = 1_769_850_000_000_000


def came(id: str, version: int) -> bytes:
    """One event of a guest, as it is stored."""
    envelope = Envelope(
        tenant="main", domain="guests", id=id, version=version, type="Came", schema=1, at=AT,
        by="ann", data={"name": "Ann"},
    )  # fmt: skip
    return encode(envelope)


def feed(here: Here, id: str, version: int) -> None:
    """An event on the feed that the journal knows nothing of."""
    with opened(here.folder) as ports:
        put(ports, Aggregate("main", "guests", id).key, bundled([came(id, version)]))


def put(ports: Adapters, key: str, data: bytes) -> None:
    """These bytes on the feed, whatever they are."""
    assert drive(ports.feed.put([Bundle(key, data)])) == (True,)
