"""What must hold of an ingested domain: the feed, in its own order, and the rows of its facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from mainstem.aggregate import Aggregate
from mainstem.ports.parks import Position
from mainstem.sim.exhaustive.cast import TENANT
from mainstem.sim.exhaustive.rules import Wrong, check_row, check_unparked, lines
from mainstem.sim.exhaustive.setting import Setting
from mainstem.sim.exhaustive.shelf import VIEWS

READ_MAX = 100_000


class Said(NamedTuple):
    """A fact where it is on the feed for the first time."""

    position: Position
    line: bytes
    event: Mapping[str, Any]


Facts = Mapping[Aggregate, Sequence[Said]]


class Ingested:
    """The rules of facts."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.facts = lru_cache(READ_MAX)(self._facts)

    def always(self, journal: int, feed: int, views: int, checkpoint: int, thrown: int) -> None:
        """Rows are folds of the first facts on the feed; what is done with is shown or kept."""
        store, into = self.setting.shelf.store(VIEWS, views), self.setting.into
        check_unparked(self.setting, views)
        for aggregate, said in self.facts(feed).items():
            head = store.rows.get((into.generation.number, aggregate))
            version = 0 if head is None else head.version
            if version > len(said):
                raise Wrong(f"{aggregate}: {version} facts are shown, there are {len(said)}")
            if head is not None and head.applied != said[version - 1].position:
                raise Wrong(f"{aggregate}: it stands at {head.applied} with {version} facts")
            cells = store.cells(into.generation, aggregate)
            events, machine = [one.event for one in said[:version]], into.sink.state.__machine__
            check_row(into.sink.name, machine, aggregate, cells, events)
            parked = store.parked(into.generation).get(aggregate)
            for one in said[version:]:
                kept = parked is not None and one.position in parked.facts
                given_up = thrown >> one.position[0] & 1
                if one.position[0] <= checkpoint and not kept and not given_up:
                    raise Wrong(f"{aggregate}: {one.position} is done with, and not shown")

    def at_rest(self, journal: int, feed: int, views: int) -> None:
        """Every fact is shown, and nothing waits."""
        store, generation = self.setting.shelf.store(VIEWS, views), self.setting.into.generation
        heads = store.heads(generation)
        for aggregate, said in self.facts(feed).items():
            if heads.get(aggregate, 0) != len(said):
                raise Wrong(f"{aggregate}: {heads.get(aggregate, 0)} of {len(said)} facts shown")
        if store.parks:
            raise Wrong("something is parked, at rest")

    def heard(self, name: str, end: Any, journal: int, feed: int) -> None:
        """What was acknowledged is on the feed."""
        if isinstance(end, tuple):
            there = {one.line for said in self.facts(feed).values() for one in said}
            if lost := set(end) - there:
                raise Wrong(f"{name}: {sorted(lost)[0]!r} was acknowledged, and is nowhere")

    def _facts(self, feed: int) -> Facts:
        """Each bundle once; no producer leaves a hole, no fact is there twice."""
        numbers: dict[str, int] = {}
        found: dict[Aggregate, list[Said]] = {}
        for arrived in self.setting.records(feed):
            header = json.loads(arrived.data.split(b"\n", 1)[0])
            producer, n = header["producer"], header["n"]
            high = numbers.get(producer, 0)
            if n > high + 1:
                raise Wrong(f"{producer}: bundle {n} is on the feed after {high}")
            if n == high + 1:
                numbers[producer] = n
                for index, line in enumerate(lines(arrived.data)):
                    self._add(found, Said((arrived.sequence, index), line, json.loads(line)))
        return found

    def _add(self, found: dict[Aggregate, list[Said]], said: Said) -> None:
        """A host's facts of one aggregate stay in the order in which it said them."""
        aggregate = Aggregate(TENANT, said.event["domain"], said.event["id"])
        known = found.setdefault(aggregate, [])
        own = [one.event["data"]["nth"] for one in known if one.event["by"] == said.event["by"]]
        if own and own[-1] >= said.event["data"]["nth"]:
            raise Wrong(f"{said.event['by']}: {said.event['data']['nth']} follows {own}")
        known.append(said)
