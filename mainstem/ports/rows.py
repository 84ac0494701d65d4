"""Rows: what views show, one item an aggregate and one a key; and the lanes of ingested domains."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from mainstem.aggregate import Aggregate
from mainstem.ports.generations import Generation
from mainstem.ports.intents import Intent
from mainstem.ports.parks import Position

NOWHERE: Position = (0, 0)


class Head(NamedTuple):
    """How far an aggregate's rows have come, and those of them that were asked for."""

    version: int
    applied: Position  # ingested: the last fact
    rows: Mapping[str, bytes]  # cells as JSON, by key; "" is the row of a view without keys


class Entry(NamedTuple):
    """A row's place in a list."""

    name: str  # the index
    values: str  # what the list is of, as canonical JSON
    order: Any  # a stored value: text, a number, or None where the index has no order
    key: str


class Timer(NamedTuple):
    """When the clock asks a command; None: it does not."""

    command: str
    due: int | None


class Change(NamedTuple):
    """One conditional write: everything that follows from a run of events."""

    read: Head  # the write happens IF the row is still there
    version: int
    applied: Position
    rows: Mapping[str, bytes | None]  # None: the row of this key is gone
    listed: tuple[Entry, ...] = ()
    unlisted: tuple[Entry, ...] = ()
    timers: tuple[Timer, ...] = ()
    intents: tuple[Intent, ...] = ()
    searched: bool = False  # whether the change stream must hear of it


class Place(NamedTuple):
    """Where a page ended."""

    order: Any
    id: str
    key: str


class Listed(NamedTuple):
    """A row as a page holds it."""

    aggregate: Aggregate
    key: str
    version: int  # the aggregate's
    cells: bytes
    place: Place


class Changed(NamedTuple):
    """A row that changed, in the change stream."""

    place: int
    aggregate: Aggregate
    key: str
    version: int


class Lane(NamedTuple):
    """How far a lane has come: its bundles up to `sequence` are done with."""

    sequence: int = 0
    bundles: int = 0  # that were new,
    total: int = 0  # and the sum of their sequences: what a rebuild proves itself by
    producers: Mapping[str, tuple[int, tuple[int, ...], int]] = {}  # n, those missing below, when


class Rows(Protocol):
    """A generation's rows: written conditionally, all that follows from a run at once."""

    async def read(
        self, generation: Generation, aggregate: Aggregate, keys: Collection[str]
    ) -> Head:
        """Strongly read; version 0 where nothing is there."""
        ...

    async def write(self, generation: Generation, aggregate: Aggregate, change: Change) -> bool:
        """All of it or nothing, IF version and position are those read; False: they are not."""
        ...

    async def list(
        self,
        generation: Generation,
        tenant: str,
        index: str,
        values: str,
        after: Place | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Listed, ...]:
        """Rows of one list, by value, id and key; newest_first turns all of that round."""
        ...  # fmt: skip

    async def all(
        self, generation: Generation, after: tuple[str, str, str], limit: int
    ) -> tuple[Listed, ...]:
        """Every row, in the order of tenants, ids and keys."""
        ...

    async def changes(self, generation: Generation, after: int, limit: int) -> tuple[Changed, ...]:
        """The change stream, from the oldest that is kept."""
        ...

    async def forget(self, generation: Generation, upto: int) -> None:
        """Changes up to here were heard by all who listen."""
        ...

    async def lane(self, generation: Generation, lane: str) -> Lane:
        """Strongly read."""
        ...

    async def move(self, generation: Generation, lane: str, read: Lane, new: Lane) -> bool:
        """IF its sequence is the one read; False: another was faster."""
        ...
