"""Figures: how a folder stands, counted without touching anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from local.adapters import Adapters
from local.lag import lag
from local.locks import UP, holder
from mainstem.ports import Generation, Stage
from mainstem.protocol.audit import AUDITED_AT
from mainstem.protocol.drive import drive
from queries.shown import moment

SINKS = "SELECT DISTINCT sink FROM generations ORDER BY sink"
UNPUBLISHED = "SELECT count(*) FROM records WHERE published = 0"
QUARANTINED = "SELECT count(*) FROM quarantined"
INTENTS = "SELECT count(*) FROM intents WHERE done_at IS NULL"


@dataclass(frozen=True)
class SinkFigures:
    """One build of a sink. `lag`: records of the feed that it has not read."""

    sink: str
    generation: int
    stage: str
    lag: int
    parked: int
    audited_at: str | None


@dataclass(frozen=True)
class Figures:
    """All of it. `up` is what the process that serves the folder says of itself."""

    folder: str
    bytes: int
    up: dict[str, Any] | None
    sinks: tuple[SinkFigures, ...]
    unpublished: int
    quarantined: int
    intents: int

    @property
    def parked(self) -> int:
        """How many aggregates wait, in all sinks together."""
        return sum(one.parked for one in self.sinks)

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        return asdict(self)


def figures(ports: Adapters) -> Figures:
    """How the folder stands now."""
    path, folder = ports.folder.path, ports.folder
    return Figures(
        folder=str(path),
        bytes=sum(file.stat().st_size for file in path.iterdir() if file.is_file()),
        up=holder(path, UP),
        sinks=tuple(_of(ports, one) for one in generations(ports) if one.stage is not Stage.KEPT),
        unpublished=folder.journal.row(UNPUBLISHED)[0],
        quarantined=folder.views.row(QUARANTINED)[0],
        intents=folder.views.row(INTENTS)[0],
    )


def generations(ports: Adapters) -> Iterator[Generation]:
    """Every build of every sink that this folder knows, whatever domain files there are."""
    for (sink,) in ports.folder.views.rows(SINKS):
        yield from drive(ports.generations.of(sink))


def _of(ports: Adapters, generation: Generation) -> SinkFigures:
    audited = drive(ports.generations.noted(generation, AUDITED_AT))
    return SinkFigures(
        generation.sink,
        generation.number,
        generation.stage.value,
        lag(ports, generation),
        drive(ports.parks.count(generation)),
        moment(int(audited)) if audited else None,
    )
