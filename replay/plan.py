"""Plan: what a rebuild would read, write, take and cost. Nothing is written for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from archive.duck import connection, parquet, quoted
from archive.places import RAW
from mainstem._state import State
from mainstem.protocol.folded import Folded
from mainstem.protocol.rebuild import Part
from mainstem.sink import Sink
from replay.declared import Change
from replay.engines import SPARK, Engine, engine_of
from replay.pinned import Pinned
from replay.prices import PRICES, dollars, write_units
from replay.submit import missing

EVENTS_TRIED = 20_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Tried:
    """A few aggregates, folded and let go again."""

    events: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0


class Waiting(NamedTuple):
    """What is archived and not in the table yet: it is compacted first."""

    objects: int = 0  # raw ones, of all domains
    events: int = 0  # of this one


@dataclass(frozen=True)
class Plan:
    """Of one view."""

    sink: Sink
    engine: str
    missing: str  # of Spark, where that is the engine: what to install
    events: int
    aggregates: int
    bytes: int
    waiting: Waiting
    tried: Tried
    changes: Sequence[Change]
    same: bool | None  # whether it is folded as what is read; None: nothing is yet
    prices: Mapping[str, float]

    @property
    def known(self) -> bool:
        """Whether any of it is in the table, to say what comes of all of it."""
        return bool(self.tried.events) or not self.waiting.events

    @property
    def rows(self) -> int:
        """About how many there would be."""
        if not self.tried.events:
            return 0
        return round(self.tried.rows * self._share)

    @property
    def seconds(self) -> float:
        """About how long it would fold."""
        if not self.tried.events:
            return 0.0
        return self.tried.seconds * self._share

    @property
    def _share(self) -> float:
        """How many times as much there is as was tried."""
        return (self.events + self.waiting.events) / self.tried.events

    @property
    def write_units(self) -> int:
        """Of DynamoDB, for the rows alone."""
        each = self.tried.bytes / self.tried.rows if self.tried.rows else 0
        return write_units(self.rows, each)

    @property
    def dollars(self) -> float:
        """On AWS."""
        return dollars(self.write_units, self.bytes, self.prices)


def plan(
    sink: Sink, pinned: Pinned, waiting: Sequence[str], changes: Sequence[Change], *,
    same: bool | None, prices: Mapping[str, float] = PRICES, asked: str = "",
) -> Plan:  # fmt: skip
    """By folding a little of it, on this machine."""
    parts = pinned.parts(EVENTS_TRIED)
    name = engine_of(sink.state, pinned.bytes, asked)
    events, aggregates = sum(one.events for one in parts), sum(one.aggregates for one in parts)
    tried = _tried(pinned, sink.state, parts[0]) if parts else Tried()
    return Plan(
        sink, name, missing() if name == SPARK else "", events, aggregates, pinned.bytes,
        _waiting(pinned, waiting), tried, changes, same, prices,
    )  # fmt: skip


def _waiting(pinned: Pinned, objects: Sequence[str]) -> Waiting:
    if not objects:
        return Waiting()
    with connection(pinned.archive, f"waiting-{pinned.domain.name}") as duck:
        raw = parquet([pinned.archive / RAW / one for one in objects])
        mine = f"domain = {quoted(pinned.domain.name)}"
        found = duck.sql(f"SELECT count(*) FROM {raw} WHERE {mine}").fetchall()
    return Waiting(len(objects), found[0][0])


def _tried(pinned: Pinned, view: type[State], part: Part) -> Tried:
    began = time.monotonic()
    with connection(pinned.archive, f"plan-{pinned.domain.name}") as duck:
        every = Engine(duck, pinned, view).fold(part)
        found = [one for one in every if isinstance(one, Folded)]
    cells = [_encode(one) for folded in found for one in folded.rows.values()]
    return Tried(
        sum(one.version for one in found), len(cells), sum(map(len, cells)),
        time.monotonic() - began,
    )  # fmt: skip
