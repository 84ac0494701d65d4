"""Rebuild: another generation of a sink, from the journal or the archive, promoted during traffic.

Then somebody may go back, and come again, and let go of the one that isn't read. Where the folds
have changed, the old generation goes on with the code that it was folded by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from msgspec.structs import replace as structs_replace

from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Parked, Stage
from mainstem.protocol.claims import handed_on, taken_up, turned
from mainstem.protocol.consume import Into
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.loading import load, prepared, silent
from mainstem.protocol.promoting import Unready, promoted
from mainstem.protocol.rebuild import Step, begin, turn
from mainstem.protocol.refold import refold
from mainstem.sim.archived import folded
from mainstem.sim.build import Build
from mainstem.sim.delivery import Delivery
from mainstem.sim.world import PORTS, Broken, World
from mainstem.sink import Sink

AGAIN_US_MAX = 20_000_000
FROM_ARCHIVE = 0.6
A_WRITE = 2  # aggregates
BACK_AND_FORTH = (0, 1, 1, 2, 2, 3)  # how often the pointer is turned once more
LET_GO = 0.4
ALLOWED = 0.3  # how often somebody allows what waits to


class Seen(NamedTuple):
    """What one generation shows, and what waits in it."""

    versions: dict[Aggregate, int]
    parked: dict[Aggregate, Parked]


class Rebuild:
    """Begun at some time, killed at any, gone on with until it is promoted, and maybe on."""

    def __init__(
        self, world: World, old: Build, attach: Callable[[Delivery], None],
        detach: Callable[[Build], list[Delivery]], parked_ever: Set[tuple[int, Aggregate]],
    ) -> None:  # fmt: skip
        self.world, self.old, self.attach, self.detach = world, old, attach, detach
        self.parked_ever = parked_ever  # by the number of the generation
        self.promoted = self._turned = self._gone = False
        self.chance = world.rebuilds
        self.from_archive = self.chance.random() < FROM_ARCHIVE
        self._turns = self.chance.choice(BACK_AND_FORTH)
        self._lets_go = self.chance.random() < LET_GO
        self._positions: dict[str, int] = {}
        self._pinned: Sequence[Folded | Dirty] | None = None
        self._before = Seen({}, {})
        self._builds: dict[int, Build] = {old.newest.generation.number: old}
        self._apart: list[Delivery] = []  # of what is about to be let go
        self._new: Generation | None = None
        self._clock = world.clock()

    def go_on(self) -> None:
        """From wherever it was left."""
        self.world.scheduler.spawn(
            f"rebuild of {self.old.name}", self._rebuilt(), failed=self._failed
        )

    def _failed(self, _: BaseException | None) -> None:
        wait = int(self.world.random.random() * AGAIN_US_MAX)
        self.world.scheduler.after(wait, self.go_on)

    async def _rebuilt(self) -> None:
        old, new = self.old.newest, await self._begun(self.old.today)
        into = replace(old, sink=self.old.today, generation=new)
        if self._pinned is None:  # what is put from here on comes by the feed
            self._pin(into)
        if new.number not in self._builds:
            await self._load(into, old.generation)
            while await refold(into, old.generation, PORTS.generations, PORTS.journal):
                pass
            await self._claimed(into)
            self._check(new, self._before)
            self._attach(into)
        if not self._turned:
            await self._turn_to(into.generation)
            self._turned = True
        while self._turns > 0 and not self._gone:
            await self._turn_to(await self._kept())
            self._turns -= 1
        while self._lets_go and not self._gone:
            await self._let_go(await self._kept())
        self.promoted = True

    async def _claimed(self, into: Into) -> None:
        """Both codes claim the same here, so the old one may go on deciding."""
        at = await taken_up(PORTS.generations, into.generation)
        while not at.made:
            was, (at, _) = at, await handed_on(into.sink, PORTS.journal, at)
            await turned(PORTS.generations, into.generation, was, at)

    async def _begun(self, sink: Sink) -> Generation:
        """The one that this is about, from its first beginning on."""
        if self._new is None:
            now = await self._clock.now()
            self._new = await PORTS.generations.start(sink.name, sink.fingerprint, now)
        return self._new

    def _pin(self, into: Into) -> None:
        ends = dict(self.world.stores.feed.ends())
        if self.from_archive:
            ends = {shard: self.chance.randint(0, end) for shard, end in ends.items()}
        self._positions = ends
        self._pinned = folded(self.world, into.sink, ends) if self.from_archive else ()
        self._before = self._seen(self.old.newest.generation)

    async def _load(self, into: Into, old: Generation) -> None:
        """A few aggregates at a time, each turn of the note IF nobody else has turned it."""
        assert self._pinned is not None
        at = await begin(PORTS.generations, into.generation)
        while at.part * A_WRITE < len(self._pinned):
            some = self._pinned[at.part * A_WRITE :][:A_WRITE]
            ready = [prepared(into.sink, one) for one in some]
            await load(silent(into), PORTS.journal, old, ready)
            to = structs_replace(at, step=Step.FOLDING, part=at.part + 1)
            at = await turn(PORTS.generations, into.generation, at, to)

    def _attach(self, into: Into) -> None:
        if into.generation.number not in self._builds:
            build = self._builds[into.generation.number] = Build(self.world, into)
            delivery = Delivery(self.world, build)
            delivery.begun = self._positions
            delivery.positions = dict(self._positions)
            self.attach(delivery)

    async def _kept(self) -> Generation:
        """The other one: that isn't read."""
        read = await self._read()
        every = (one.newest.generation for one in self._builds.values())
        return next(one for one in every if read is None or one.number != read.number)

    async def _read(self, there: Generation | None = None) -> Generation | None:
        """The one that is read; None where `there` has been let go."""
        every = await PORTS.generations.of(self.old.newest.sink.name)
        if there is not None and there.number not in [one.number for one in every]:
            return None
        return next(one for one in every if one.stage is Stage.CURRENT)

    async def _turn_to(self, new: Generation) -> None:
        """Until it is read, whoever has turned the pointer: somebody may be late with that."""
        allowed: Sequence[str] = ()
        while (read := await self._read(new)) is not None and read.number != new.number:
            try:
                await self._promote(new, read, allowed)
            except Unready:
                if self.chance.random() > ALLOWED:
                    raise
                allowed = [str(one) for one in self._seen(new).parked]

    async def _promote(self, new: Generation, old: Generation, allowed: Sequence[str]) -> None:
        there, here = self._seen(old), self._seen(new)
        into = self._builds[new.number].newest
        if await promoted(into, old, PORTS.generations, PORTS.journal, allowed):
            self.world.befalls("pointer turned", f"{new.sink}/{new.number} is read")
            self._check(new, there, allowed)
            self._check_waiting(new, old, here, allowed)

    async def _let_go(self, kept: Generation) -> None:
        """Nobody goes back to it. Its consumer goes first."""
        self._listen()
        self._apart = self.detach(self._builds[kept.number])
        for one in self._apart:
            one.apart = True
        if await PORTS.generations.drop(kept):
            self._gone, self._apart = True, []
            self.world.befalls("let go", f"{kept.sink}/{kept.number} is let go")

    def _listen(self) -> None:
        """Whoever was to be let go of, and is not yet, hears of what happens again."""
        for one in self._apart:
            one.apart = False
            self.attach(one)
        self._apart = []

    def _seen(self, generation: Generation) -> Seen:
        stores = self.world.stores
        return Seen(dict(stores.versions(generation)), dict(stores.parked(generation)))

    def _check(self, new: Generation, old: Seen, allowed: Sequence[str] = ()) -> None:
        """What the old rows showed when this began is there, and who waited all along waits here.

        Where an index of what was touched is late, the auditor has to find the rest; as it has to
        where a repair of the old rows went on meanwhile, past what had come by the feed before.
        """
        if self.world.faults.weak or self._gone:
            return
        now, waiting = self._seen(new)
        for aggregate, version in old.versions.items():
            if now.get(aggregate, 0) < version and str(aggregate) not in allowed:
                text = f"{aggregate} is at {now.get(aggregate, 0)} of {version}"
                raise Broken(f"rebuild of {self.old.name}: {text}")
        for aggregate, before in old.parked.items():
            parked = self._seen(self.old.newest.generation).parked.get(aggregate)
            if parked is None or parked.since != before.since:
                continue
            if aggregate not in waiting and now.get(aggregate, 0) < before.high:
                raise Broken(f"rebuild of {self.old.name}: {aggregate} does not wait as it did")

    def _check_waiting(
        self, new: Generation, old: Generation, here: Seen, allowed: Sequence[str]
    ) -> None:
        """Who waited all along was allowed to, or has waited in what was read before."""
        for aggregate, parked in self._seen(new).parked.items():
            was = here.parked.get(aggregate)
            since = was is not None and was.since == parked.since
            known = (old.number, aggregate) in self.parked_ever or str(aggregate) in allowed
            if since and not known:
                raise Broken(f"{new.sink}/{new.number} is read, and {aggregate} waits in it")
