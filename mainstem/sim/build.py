"""A build: one generation of a sink, and the code that is deployed for it, old, new or both."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from mainstem.protocol.consume import Into
from mainstem.sim.world import World
from mainstem.sink import Sink, sinks_of

OLD = 0.5  # how many begin with code that does not know the newest events
MIXED = 0.5
ROLLED_OUT = 0.5  # before all is calm


class Build:
    """Who folds into a generation. While code is rolled out, both versions are at work."""

    def __init__(self, world: World, into: Into) -> None:
        self.world, self.newest, self._old = world, into, into
        poor = world.faults.worst == "parks.tried"  # so that there is something to try in vain
        self._mixed = 0.0 if poor else MIXED
        if poor or world.random.random() < OLD:
            old = replace(into.sink, domain=world.plan.older(into.sink.domain))
            self._old = replace(into, sink=old)
            if world.random.random() < ROLLED_OUT:
                world.scheduler.after(int(world.random.random() * 100_000_000), self.deploy)

    @property
    def into(self) -> Into:
        """With the code that happens to answer; once all is calm, the oldest there is."""
        mixed = self.world.faults.on and self.world.random.random() < self._mixed
        if self._old is self.newest or mixed:
            return self.newest
        self.world.faults.tally["old code at work", "shown"] += 1
        return self._old

    @property
    def name(self) -> str:
        """As the trace calls it."""
        return f"{self.newest.sink.name}/{self.newest.generation.number}"

    @cached_property
    def today(self) -> Sink:
        """The sink as the newest code of all folds it, which may not be the code of this build."""
        now, sink = self.world.plan.domains[self.newest.sink.domain.name], self.newest.sink
        (found,) = [one for one in sinks_of({now.name: now}) if one.name == sink.name]
        return sink if found.state is sink.state else replace(found, since=sink.since)

    @property
    def refused(self) -> bool:
        """Whether the newest code must not write into this generation."""
        sink, now = self.newest.sink, self.world.plan.domains[self.newest.sink.domain.name]
        return now.states[sink.state.__name__] is not sink.state

    def by_newest_code(self) -> Into:
        """As the newest code comes upon this generation. Raises Stale where it folds otherwise."""
        return replace(self.newest, sink=self.today)

    def deploy(self) -> None:
        """From now on the newest code alone."""
        self._old = self.newest
