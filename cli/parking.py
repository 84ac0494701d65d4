"""What is parked in a folder: found, looked at, tried again, given up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cli.addresses import aggregate_at
from cli.domains import must_be_one_of
from cli.engaged import Engaged
from cli.figures import generations
from cli.history import data_of
from cli.naming import snake
from cli.session import NotNow, Refusal
from local.adapters import Adapters
from local.engine import Engine
from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, decode
from mainstem.ports import Contended, Generation, Parked, Stage
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.repair import NOTHING, repair
from mainstem.sink import sinks_of
from queries.shown import moment

PARKED_PER_STEP = 100
RECORDS_PER_STEP = 64
STOPPED = re.compile(r"(?:version|fact) ([0-9]+): ")  # how a park says where folding ended


@dataclass(frozen=True)
class Tried:
    """How trying again ended. `given_up` is the event that its row goes on without."""

    sink: str
    aggregate: Aggregate
    free: bool
    why: str
    given_up: Envelope | None = None

    def data(self) -> dict[str, Any]:
        """The same for machines."""
        given_up = None if self.given_up is None else data_of(self.given_up)
        return {
            "sink": self.sink, "domain": self.aggregate.domain, "id": self.aggregate.id,
            "free": self.free, "why": self.why or None, "given_up": given_up,
        }  # fmt: skip


def currents(ports: Adapters, name: str | None = None) -> list[Generation]:
    """The generations that are read: of one sink, named as parks or as SQL name it, or of all."""
    found = {one.sink: one for one in generations(ports) if one.stage is Stage.CURRENT}
    if name is None:
        return list(found.values())
    by_view = {snake(sink.partition(".")[2]): sink for sink in found}
    sink = by_view.get(snake(name), name)
    must_be_one_of(sink, found, "view")
    return [found[sink]]


def waiting(ports: Adapters, generation: Generation) -> Iterator[Parked]:
    """All that wait in it."""
    after = ""
    while some := drive(ports.parks.waiting(generation, after, PARKED_PER_STEP)):
        yield from some
        after = f"{some[-1].aggregate.tenant}/{some[-1].aggregate.id}"


def parked_at(ports: Adapters, generation: Generation, where: str) -> Parked:
    """The one that waits there. Refuses where it does not."""
    aggregate = named(generation.sink, where)
    found = drive(ports.parks.parked(generation, aggregate))
    if found is None:
        raise Refusal(f"{aggregate} is not parked in {generation.sink}")
    return found


def named(sink: str, where: str) -> Aggregate:
    """The aggregate meant: DOMAIN/ID, or the ID alone."""
    domain = sink.partition(".")[0]
    place, slash, _ = where.partition("/")
    said = slash and place.rpartition(":")[2] == domain  # its tenant may stand before it
    return aggregate_at(where if said else f"{domain}/{where}")


def behind(ports: Adapters, generation: Generation, parked: Parked) -> Iterator[Envelope]:
    """The events that wait: of the journal, or facts that the park itself keeps."""
    aggregate = parked.aggregate
    head = drive(ports.rows.read(generation, aggregate, ()))
    if parked.facts:
        facts = sorted((at, line) for at, line in parked.facts.items() if at > head.applied)
        yield from (decode(line) for _, line in facts)
        return
    after = head.version
    while records := drive(ports.journal.records(aggregate, after, RECORDS_PER_STEP)):
        events = (decode(line) for record in records for line in record.events)
        yield from (one for one in events if one.version > head.version)
        after = records[-1].last


def data(parked: Parked) -> dict[str, Any]:
    """One that waits, for machines."""
    return {
        "sink": parked.sink, "domain": parked.aggregate.domain, "id": parked.aggregate.id,
        "why": parked.why, "poison": parked.poison, "since": moment(parked.since),
        "high": parked.high, "tries": parked.tries,
    }  # fmt: skip


def retried(here: Engaged, name: str | None, where: str | None) -> list[Tried]:
    """Tries again whatever waits: all of it, in one sink, or one aggregate."""
    with here.work() as engine:
        intos = _intos(here, engine, name)
        tried = [_tried(here, into, one) for into in intos for one in _meant(here, into, where)]
        if engine is not None:
            engine.catch_up()
    return tried


def plan(ports: Adapters, generation: Generation, parked: Parked) -> Tried:
    """Which event would be given up."""
    _, event = _stuck(ports, generation, parked)
    return Tried(parked.sink, parked.aggregate, False, parked.why, event)


def given_up(here: Engaged, name: str, where: str) -> Tried:
    """Its row goes on without the event that it stops at.

    All is tried once more before: perhaps the code can apply it by now, and nothing is lost.
    """
    with here.work() as engine:
        (into,) = _intos(here, engine, name)
        tried = _repaired(here, into, parked_at(here.ports, into.generation, where))
        if tried.free:
            return tried
        parked = parked_at(here.ports, into.generation, where)  # as that has left it
        version, event = _stuck(here.ports, into.generation, parked)
        return replace(_repaired(here, into, parked, frozenset((version,))), given_up=event)


def _stuck(ports: Adapters, generation: Generation, parked: Parked) -> tuple[int, Envelope]:
    """The version at which it stopped, as its park says, and the event that can't be applied."""
    said, found = STOPPED.match(parked.why), next(behind(ports, generation, parked), None)
    if said is None or found is None:
        raise Refusal(f"there is nothing to give up: {parked.why}")
    version = int(said[1])
    if not parked.facts and found.version != version:  # facts have no numbers before they count
        raise NotNow(f"{parked.aggregate} is just being repaired; run it again")
    return version, found


def _intos(here: Engaged, engine: Engine | None, name: str | None) -> list[Into]:
    """The sinks meant: those of whoever is at work, or the same while somebody else is."""
    wanted = {one.sink for one in currents(here.ports, name)}
    if engine is not None:
        return [into for into in engine.intos if into.sink.name in wanted]
    return [here.into(sink) for sink in sinks_of(here.domains) if sink.name in wanted]


def _meant(here: Engaged, into: Into, where: str | None) -> list[Parked]:
    if where is None:
        return list(waiting(here.ports, into.generation))
    return [parked_at(here.ports, into.generation, where)]


def _tried(here: Engaged, into: Into, parked: Parked) -> Tried:
    """One of many: where somebody else is at it just now, the others are tried all the same."""
    try:
        return _repaired(here, into, parked)
    except Contended as busy:
        return Tried(parked.sink, parked.aggregate, False, str(busy))


def _repaired(here: Engaged, into: Into, parked: Parked, skip: frozenset[int] = NOTHING) -> Tried:
    """Folds on, without the versions given up. Raises Contended."""
    ports, aggregate = here.ports, parked.aggregate
    free = drive(repair(into, ports.journal, aggregate, skip))
    found = None if free else drive(ports.parks.parked(into.generation, aggregate))
    return Tried(parked.sink, aggregate, free, "" if found is None else found.why)
