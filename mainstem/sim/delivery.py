"""Delivery: the feed to one build, shard by shard, at least once; parents before children."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import msgspec

from mainstem.aggregate import Aggregate
from mainstem.bundle import is_lane
from mainstem.ports import Arrived, Parked, Shard
from mainstem.protocol.consume import Into, consume
from mainstem.protocol.drive import drive
from mainstem.protocol.lanes import consume_lanes
from mainstem.protocol.received import of_domain, receive
from mainstem.sim.build import Build
from mainstem.sim.world import PORTS, Broken, World

RECORDS = (1, 2, 4, 4)  # in a batch at most
AGAIN = 0.12  # how often what was delivered comes once more
READ_FOR_ALL = 0.25
BUNDLES_KNOWN_MAX = 1_000  # several builds are given each
_decode = msgspec.json.Decoder().decode
GIVEN_UP = 0.1  # how often one that takes long is given up on
THROWN = 0.06  # how often a batch is given up on, as an event source does after many tries


class Delivered(NamedTuple):
    """How far a batch went, what was in it, and whether its shard has ended there."""

    upto: int
    records: tuple[Arrived, ...]
    ended: bool


class Delivery:
    """What brings one build its events."""

    def __init__(self, world: World, build: Build) -> None:
        self.world, self.build = world, build
        self.begun: Mapping[str, int] = {}  # where it began to read
        self.positions: dict[str, int] = {}
        self.ended: set[str] = set()
        self.thrown: set[int] = set()  # sequences of records in batches that were
        self.throws = world.random.random() < 0.5 and build.into.sink.domain.decided
        # Read for one domain, or for all of them as on one machine.
        every = world.random.random() < READ_FOR_ALL
        self._names = tuple(world.plan.domains) if every else (build.into.sink.domain.name,)
        self.apart = False  # whether its generation is being let go of
        self._turns: dict[str, int] = {}  # of each shard, how manieth delivery is the last one
        self._busy: dict[str, int] = {}

    def pump(self) -> None:
        """A batch of some shard, if one may be read now."""
        shards = drive(self.world.stores.feed.shards())
        shard = shards[int(self.world.random.random() * len(shards))]
        done = self.positions.get(shard.name, 0)
        if done and self.world.faults.on and self.world.random.random() < AGAIN:
            after = int(self.world.random.random() * done)
            self.world.faults.tally["batch again", "shown"] += 1
            steps = self._batch(shard.name, after, upto=done)
            self.world.scheduler.spawn(f"{self._name(shard)}, again", steps)
            return
        given_up = self.world.faults.on and self.world.random.random() < GIVEN_UP
        if given_up and shard.name in self._busy:
            del self._busy[shard.name]  # it goes on, and another one begins beside it
            self.world.faults.tally["batch given up", "shown"] += 1
        if self._may_read(shard) and self._left(shard, self.world.stores.feed.ends()[shard.name]):
            self._deliver(shard)

    def come_upon(self) -> None:
        """Newer code is handed a batch for rows that it would fold otherwise."""
        if self.build.refused:
            shard = self.world.faults.pick(drive(self.world.stores.feed.shards()))
            self.world.befalls("rows of old", f"newer code comes upon {self.build.name}")
            self.world.scheduler.spawn(f"newer code for {self._name(shard)}", self._newer(shard))

    def pump_all(self) -> bool:
        """A batch of each that has any; False: nothing is left to deliver."""
        ends = self.world.stores.feed.ends()
        shards = drive(self.world.stores.feed.shards())
        waiting = [one for one in shards if self._left(one, ends[one.name])]
        for shard in waiting:
            if self._may_read(shard):
                self._deliver(shard)
        return bool(waiting)

    def _left(self, shard: Shard, end: int) -> bool:
        behind = self.positions.get(shard.name, 0) < end
        return behind or (shard.closed and shard.name not in self.ended)

    def _may_read(self, shard: Shard) -> bool:
        return (
            shard.name not in self._busy
            and shard.name not in self.ended
            and self.ended.issuperset(shard.parents)
        )

    def _deliver(self, shard: Shard) -> None:
        name, after = shard.name, self.positions.get(shard.name, 0)
        turn = self._busy[name] = self._turns[name] = self._turns.get(name, 0) + 1
        steps = self._batch(name, after)
        thrown = self.throws and self.world.faults.on and self.world.random.random() < THROWN
        if thrown:
            self.world.faults.tally["batch thrown away", "shown"] += 1
            steps.close()
            steps = self._thrown(name, after)

        def ended(delivered: Delivered) -> None:
            if not thrown:
                self._check(delivered)
            if self._busy.get(name) == turn:  # nobody has given up on it
                del self._busy[name]
                self.positions[name] = delivered.upto
                if delivered.ended:
                    self.ended.add(name)

        def failed(_: BaseException | None) -> None:
            if self._busy.get(name) == turn:
                del self._busy[name]  # it is delivered again

        who = f"{self._name(shard)}{', thrown away' if thrown else ''}"
        self.world.scheduler.spawn(who, steps, ended, failed)

    def _name(self, shard: Shard) -> str:
        return f"{self.build.name} of {shard.name}"

    async def _newer(self, shard: Shard) -> Delivered:
        into = self.build.by_newest_code()
        return await self._batch(shard.name, self.positions.get(shard.name, 0), into=into)

    async def _batch(
        self, shard: str, after: int, upto: int | None = None, into: Into | None = None
    ) -> Delivered:
        into = into or self.build.into
        domain = into.sink.domain
        reading = await PORTS.feed.read(shard, after, self.world.faults.pick(RECORDS))
        if upto is not None:
            seen = tuple(one for one in reading.records if one.sequence <= upto)
            reading = reading._replace(records=seen)
        batch = await receive(into.parks, into.clock, reading.records, self._names)
        own = of_domain(batch, domain)
        failed = None
        if own:
            failed = await (consume if domain.decided else consume_lanes)(into, own)
        if failed is not None:
            done = tuple(one for one in reading.records if one.sequence < failed)
            return Delivered(failed - 1, done, False)
        return Delivered(reading.upto, reading.records, reading.ended)

    async def _thrown(self, shard: str, after: int) -> Delivered:
        reading = await PORTS.feed.read(shard, after, self.world.faults.pick(RECORDS))
        self.thrown.update(one.sequence for one in reading.records)
        return Delivered(reading.upto, reading.records, reading.ended)

    def _check(self, delivered: Delivered) -> None:
        """What is done with is shown, or waits where somebody looks: the auditor isn't needed."""
        into, stores = self.build.newest, self.world.stores
        if not into.sink.domain.decided or self.apart:
            return  # facts, which the lane counts; or nobody looks there any more
        versions, parked = stores.versions(into.generation), stores.parked(into.generation)
        for arrived in delivered.records:
            if b"\n" not in arrived.data or is_lane(arrived.key):
                continue  # torn, or facts
            aggregate, last = _last(arrived.data)
            shown, waits = versions.get(aggregate, 0), parked.get(aggregate)
            stopped = 0 if waits is None else _stopped(waits)
            if waits and waits.poison and (not stopped or shown < stopped - 1):
                raise Broken(f"{self.build.name}: {aggregate} is at {shown}, yet {waits}")
            known = max(shown, 0 if waits is None else waits.high)
            if aggregate.domain == into.sink.domain.name and known < last:
                text = f"version {last} was delivered, and is neither shown nor waited for"
                raise Broken(f"{self.build.name}: {aggregate} {text}")


def _stopped(parked: Parked) -> int:
    """The version that could not be applied: all before it could."""
    found = re.match(r"version (\d+): ", parked.why)
    return int(found[1]) if found else 0


@lru_cache(BUNDLES_KNOWN_MAX)
def _last(data: bytes) -> tuple[Aggregate, int]:
    event = _decode(data[data.rindex(b"\n") + 1 :])
    return Aggregate(event["tenant"], event["domain"], event["id"]), event["version"]
