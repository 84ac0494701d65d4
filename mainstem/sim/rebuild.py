"""Rebuild: another generation of a sink, folded from the journal and promoted during traffic.

Where the folds have changed, the old generation goes on with the code that it was folded by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Parked, Stage
from mainstem.protocol.consume import Into
from mainstem.protocol.refold import refold
from mainstem.sim.build import Build
from mainstem.sim.delivery import Delivery
from mainstem.sim.world import PORTS, Broken, World
from mainstem.sink import Sink

AGAIN_US_MAX = 20_000_000


class Rebuild:
    """Begun at some time, killed at any, gone on with until it is promoted."""

    def __init__(self, world: World, old: Build, attach: Callable[[Delivery], None]) -> None:
        self.world, self.old, self.attach = world, old, attach
        self.promoted = False
        self._positions: dict[str, int] | None = None
        self._before: Mapping[Aggregate, int] = {}
        self._waiting: Mapping[Aggregate, Parked] = {}
        self._attached: set[int] = set()
        self._new: Generation | None = None
        self._clock = world.clock()

    def go_on(self) -> None:
        """From wherever it was left."""
        steps = self._rebuilt()
        self.world.scheduler.spawn(f"rebuild of {self.old.name}", steps, failed=self._failed)

    def _failed(self, _: BaseException | None) -> None:
        wait = int(self.world.random.random() * AGAIN_US_MAX)
        self.world.scheduler.after(wait, self.go_on)

    async def _rebuilt(self) -> None:
        old, sink = self.old.newest, self.old.today
        new = await self._begun(sink)
        into = replace(old, sink=sink, generation=new)
        if self._positions is None:  # what is put from here on comes by the feed
            self._positions = dict(self.world.stores.feed.ends())
            self._before = dict(self.world.stores.versions(old.generation))
            self._waiting = dict(self.world.stores.parked(old.generation))
        while (await refold(into, old.generation, PORTS.generations, PORTS.journal))[0]:
            pass
        self._check(new)
        self._attach(into)
        if await self._promoted(new, old.generation):
            self.promoted = True

    def _check(self, new: Generation) -> None:
        """What the old rows showed when this began is there, and who waited all along waits here.

        Where an index of what was touched is late, the auditor has to find the rest; as it has to
        where a repair of the old rows went on meanwhile, past what had come by the feed before.
        """
        if self.world.faults.weak:
            return
        now = self.world.stores.versions(new)
        for aggregate, version in self._before.items():
            if now.get(aggregate, 0) < version:
                text = f"{aggregate} is at {now.get(aggregate, 0)} of {version}"
                raise Broken(f"rebuild of {self.old.name}: {text}")
        waiting = self.world.stores.parked(new)
        for aggregate, parked in self.world.stores.parked(self.old.newest.generation).items():
            before = self._waiting.get(aggregate)
            if before is None or before.since != parked.since:
                continue
            if aggregate not in waiting and now.get(aggregate, 0) < before.high:
                raise Broken(f"rebuild of {self.old.name}: {aggregate} does not wait as it did")

    async def _begun(self, sink: Sink) -> Generation:
        """The one that this is about, from its first beginning on."""
        if self._new is None:
            now = await self._clock.now()
            self._new = await PORTS.generations.start(sink.name, sink.fingerprint, now)
        return self._new

    def _attach(self, into: Into) -> None:
        if into.generation.number not in self._attached:
            assert self._positions is not None
            self._attached.add(into.generation.number)
            delivery = Delivery(self.world, Build(self.world, into))
            delivery.positions = dict(self._positions)
            self.attach(delivery)

    async def _promoted(self, new: Generation, old: Generation) -> bool:
        if await PORTS.generations.promote(new, old, await self._clock.now()):
            return True
        # It was promoted, and nobody was told; or one of whoever was at this before was.
        current = [
            one for one in await PORTS.generations.of(old.sink) if one.stage is Stage.CURRENT
        ]
        return [one.number for one in current] != [old.number]
