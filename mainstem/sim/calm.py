"""Calm: faults have stopped, and whoever looks after things does so until nothing is left to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.ports.journal import slot_of
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.consume import Into
from mainstem.protocol.search import SEARCHED
from mainstem.sim.clients import Client
from mainstem.sim.delivery import Delivery
from mainstem.sim.world import Broken

if TYPE_CHECKING:
    from mainstem.sim.life import Life

ROUNDS_MAX = 5  # nearly all lives take one or two
SMALL_ROUNDS_MAX = 40  # where each does little in one
STEPS_MAX = 20_000
BATCHES_MAX = 500
ROUND_US = 61_000_000  # so long that whatever is young has become old


class Calm:
    """Rounds of everybody's work, one after the other."""

    def __init__(self, life: Life) -> None:
        self.life, self.world = life, life.world

    def come(self) -> None:
        """Until it is quiet. Raises Broken where that never comes."""
        self.world.faults.on = False
        self._settle()
        for delivery in self.life.deliveries:
            self._deliver(delivery)  # what old code can't apply waits, and blocks nobody else
        for build in self.life.builds:
            build.deploy()
        left, rounds = "everything", SMALL_ROUNDS_MAX if self.life.small else ROUNDS_MAX
        for _ in range(rounds):
            self.world.scheduler.now += ROUND_US
            self._round()
            left = self._left()
            if not left:
                return
        raise Broken(f"after {rounds} rounds without a fault there is still {left}")

    def _round(self) -> None:
        for host in self.life.hosts:
            host.send()
        for wish in self.life.wishes:
            if wish.keyed and not wish.answers and not wish.under_way:
                Client(self.world, wish).ask()
        self._settle()
        self.life.upkeep.sweep_all()
        self._settle()
        for delivery in self.life.deliveries:
            self._deliver(delivery)
        upkeep = self.life.upkeep
        for each in (upkeep.audit, upkeep.repair, upkeep.index):
            for build in self.life.builds:
                each(build.into)
            self._settle()

    def _deliver(self, delivery: Delivery) -> None:
        for _ in range(BATCHES_MAX):
            if not delivery.pump_all():
                return
            self._settle()
        raise Broken(f"{delivery.build.name}: a shard goes no further")

    def _settle(self) -> None:
        """Until whoever is at work has ended."""
        scheduler = self.world.scheduler
        for _ in range(STEPS_MAX):
            if scheduler.idle:
                return
            scheduler.step()
        raise Broken(f"{scheduler.tasks[0].name} goes on for ever")

    def _left(self) -> str:
        """What is still to do; "" where all is quiet."""
        life = self.life
        if not all(host.at_rest for host in life.hosts):
            return "a host with something to say"
        if not all(wish.answers for wish in life.wishes if wish.keyed):
            return "a command without an answer"
        if life.rebuild is not None and not life.rebuild.promoted:
            return "a rebuild that is not promoted"
        return self._unpublished() or next(
            filter(None, (self._waiting(build.into) for build in life.builds)), ""
        )

    def _unpublished(self) -> str:
        world = self.world
        for slot in {slot_of(one): None for one in world.asked_of}:
            if found := world.now("journal", "hints", slot, world.scheduler.now + ROUND_US, 1):
                return f"a hint: {found[0]}"
        for one in world.asked_of:
            if world.now("journal", "unpublished", one):
                return f"something of {one} that is not published"
        return ""

    def _waiting(self, into: Into) -> str:
        if into.sink.domain.decided:
            since = self.world.now("generations", "noted", into.generation, AUDITED)
            for touched in self.world.now("journal", "touched", since, 1):
                return f"{touched}, which the auditor of {into.sink.name} has not seen"
        for parked in self.world.stores.parked(into.generation).values():
            return f"{parked}"
        if into.sink.searches:
            after = int(self.world.now("generations", "noted", into.generation, SEARCHED) or 0)
            for change in self.world.now("rows", "changes", into.generation, after, 1):
                return f"{change}, which search has not heard of"
        return ""
