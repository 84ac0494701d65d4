"""Plan: what a rebuild would read, write, take and cost. Nothing is written for it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from mainstem.protocol.folded import Folded
from mainstem.sink import Sink
from replay.declared import Change
from replay.engines import Engine
from replay.pinned import Pinned
from replay.prices import PRICES, dollars, write_units

EVENTS_TRIED = 20_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Tried:
    """A few aggregates, folded and let go again."""

    events: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Plan:
    """Of one view."""

    sink: Sink
    engine: str
    events: int
    aggregates: int
    bytes: int
    waiting: int  # raw objects that are not in the table yet: they are compacted first
    tried: Tried
    changes: Sequence[Change]
    same: bool | None  # whether it is folded as what is read; None: nothing is yet
    prices: Mapping[str, float]

    @property
    def rows(self) -> int:
        """About how many there would be."""
        if not self.tried.events:
            return 0
        return round(self.tried.rows * self.events / self.tried.events)

    @property
    def seconds(self) -> float:
        """About how long it would fold."""
        if not self.tried.events:
            return 0.0
        return self.tried.seconds * self.events / self.tried.events

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
    sink: Sink, pinned: Pinned, waiting: int, changes: Sequence[Change], *, same: bool | None,
    prices: Mapping[str, float] = PRICES,
) -> Plan:  # fmt: skip
    """By folding a little of it."""
    parts = pinned.parts(EVENTS_TRIED)
    engine = Engine(pinned, sink.state)
    return Plan(
        sink, engine.name, sum(one.events for one in parts), sum(one.aggregates for one in parts),
        pinned.bytes, waiting, _tried(engine) if parts else Tried(), changes, same, prices,
    )  # fmt: skip


def _tried(engine: Engine) -> Tried:
    (part, *_) = engine.pinned.parts(EVENTS_TRIED)
    began = time.monotonic()
    found = [one for one in engine.fold(part) if isinstance(one, Folded)]
    cells = [_encode(one) for folded in found for one in folded.rows.values()]
    return Tried(
        sum(one.version for one in found), len(cells), sum(map(len, cells)),
        time.monotonic() - began,
    )  # fmt: skip
