"""Upkeep: sweeper, auditor, repair and search, each as often as chance has it."""

from __future__ import annotations

from mainstem.ports import Trouble
from mainstem.ports.journal import slot_of
from mainstem.protocol.audit import audit
from mainstem.protocol.consume import Into
from mainstem.protocol.repair import repair
from mainstem.protocol.search import follow
from mainstem.protocol.sweep import HINT_AGE_US, sweep_slot
from mainstem.sim.world import PORTS, World

PARKED_MAX = 20


class Upkeep:
    """What keeps the world in order beside those who ask and consume."""

    def __init__(self, world: World) -> None:
        self.world = world

    def sweep(self) -> None:
        """Some slot that has anything in it."""
        known = list(self.world.asked_of)
        if known:
            self.sweep_slot(slot_of(self.world.random.choice(known)))

    def sweep_all(self) -> None:
        """Every such slot."""
        for slot in {slot_of(one): None for one in self.world.asked_of}:
            self.sweep_slot(slot)

    def sweep_slot(self, slot: int) -> None:
        """What was committed there a while ago and may not have been published."""
        before = self.world.scheduler.now - HINT_AGE_US
        self.world.scheduler.spawn("sweeper", sweep_slot(PORTS.journal, PORTS.feed, slot, before))

    def audit(self, into: Into) -> None:
        """What was committed, beside what this generation shows."""
        if into.sink.domain.decided:
            name = f"auditor of {into.sink.name}/{into.generation.number}"
            steps = audit(into, PORTS.generations, PORTS.journal)
            self.world.scheduler.spawn(name, steps)

    def repair(self, into: Into) -> None:
        """Whatever waits in this generation, if anything does."""
        if not self.world.stores.parked(into.generation):
            return
        name = f"repair of {into.sink.name}/{into.generation.number}"
        self.world.scheduler.spawn(name, _repaired(into))

    def index(self, into: Into) -> None:
        """The next changes into the search index."""
        if into.sink.searches:
            steps = follow(into.sink, into.generation, PORTS.generations, PORTS.rows, PORTS.search)
            self.world.scheduler.spawn(f"indexer of {into.sink.name}", steps)


async def _repaired(into: Into) -> None:
    for parked in await into.parks.waiting(into.generation, "", PARKED_MAX):
        try:
            await repair(into, PORTS.journal, parked.aggregate)
        except Trouble:
            continue
