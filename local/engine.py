"""The engine of one folder: everything that has to happen for events to become rows, as steps.

Whoever holds the work lock drives it: `mainstem up` in threads, for as long as it is up; a command
beside it, when nobody is up, for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from local.adapters import Adapters
from local.consumer import Consumer
from local.settle import Told, settled
from mainstem.discovery import Domain
from mainstem.ports import Parked
from mainstem.protocol.audit import AGE_US, audit
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.repair import repair
from mainstem.protocol.search import follow
from mainstem.protocol.sweep import sweep

PARKED_PER_STEP_MAX = 500
PATIENCE_S_MAX = 60.0
SWEPT_AGE_US = 2_000_000  # here nobody is in the middle of publishing for longer


@dataclass
class Engine:
    """The sinks of a folder, settled, and what moves them on."""

    ports: Adapters
    domains: Mapping[str, Domain]
    intos: list[Into]
    consumer: Consumer
    tried: dict[tuple[int, object], float] = field(default_factory=dict)

    def consume(self) -> int:
        """The next batch of every shard."""
        return self.consumer.step()

    def sweep(self, age_us: int = SWEPT_AGE_US) -> int:
        """Publishes what was committed and not published since."""
        now = drive(self.ports.clock.now())
        return drive(sweep(self.ports.journal, self.ports.feed, now, age_us))

    def repair(self) -> int:
        """Tries what is parked, each in its own time; how many are free again."""
        return sum(self._repaired(into, one) for into in self.intos for one in self.parked(into))

    def audit(self, age_us: int = AGE_US) -> int:
        """Compares what was committed with what is shown; how many were behind."""
        return sum(self._audited(into, age_us) for into in self.intos if into.sink.domain.decided)

    def index(self) -> int:
        """The next changes into the search index."""
        ports = self.ports
        return sum(
            drive(follow(into.sink, into.generation, ports.generations, ports.rows, ports.search))
            for into in self.intos
            if into.sink.searches
        )

    def catch_up(self) -> None:
        """Until nothing is left to do: for a command when nobody is up, and for tests."""
        self.sweep(age_us=0)
        while self.consume():
            pass
        while self.repair():
            pass
        while self.index():
            pass

    def parked(self, into: Into) -> list[Parked]:
        """What waits in one sink, as much of it as a step takes."""
        return list(drive(self.ports.parks.waiting(into.generation, "", PARKED_PER_STEP_MAX)))

    def _repaired(self, into: Into, parked: Parked) -> bool:
        """A gap is tried again ever more patiently; poison once, for the code may be new."""
        key = (into.generation.number, parked.aggregate)
        patience = PATIENCE_S_MAX if parked.poison else min(0.1 * 2**parked.tries, PATIENCE_S_MAX)
        last = self.tried.get(key)
        if last is not None and (parked.poison or time.monotonic() - last < patience):
            return False
        self.tried[key] = time.monotonic()
        free = drive(repair(into, self.ports.journal, parked.aggregate))
        if free:
            del self.tried[key]
        return free

    def _audited(self, into: Into, age_us: int) -> int:
        behind = 0
        while True:
            step = drive(audit(into, self.ports.generations, self.ports.journal, age_us))
            behind += step.behind
            if step.done:
                return behind


def engine(ports: Adapters, domains: Mapping[str, Domain], told: Told = lambda _: None) -> Engine:
    """The engine, once every sink is settled. Only with the work lock."""
    intos = settled(ports, domains, told)
    return Engine(ports, domains, intos, Consumer(ports, intos))
