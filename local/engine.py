"""The engine of one folder: everything that has to happen for events to become rows, as steps.

Whoever holds the work lock drives it: `mainstem up` in threads, for as long as it is up; a command
beside it, when nobody is up, for a moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from local.adapters import Adapters
from local.consumer import Consumer
from local.settle import Told, into_of, settled
from mainstem.discovery import Domain
from mainstem.ports import Generation, Parked, Stage, Trouble
from mainstem.protocol.audit import AGE_US, audit
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.protocol.repair import repair
from mainstem.protocol.search import follow
from mainstem.protocol.sweep import sweep

PARKED_PER_PAGE = 500
DOUBLED_MAX = 10
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
    known: tuple[Generation, ...] = ()

    def __post_init__(self) -> None:
        self.sinks = {into.sink.name: into.sink for into in self.intos}

    @property
    def folds(self) -> dict[str, str]:
        """By which code each sink is folded here."""
        return {name: sink.fingerprint for name, sink in self.sinks.items()}

    def consume(self) -> int:
        """The next batch of every shard."""
        self.follow()
        return self.consumer.step()

    def follow(self) -> None:
        """Writes every generation that its code has folded, once it is read or kept.

        What is kept goes on, so that it can be gone back to; what takes its place goes on at once.
        """
        there = self.ports.generations.every()
        if there == self.known:
            return
        sinks = self.sinks
        mine = [
            one
            for one in there
            if one.stage is not Stage.BUILDING
            and one.sink in sinks
            and one.fingerprint == sinks[one.sink].fingerprint
        ]
        self.intos = [into_of(self.ports, sinks[one.sink], one) for one in mine]
        self.consumer = Consumer(self.ports, self.intos)
        self.known = there

    def come_up(self) -> None:
        """To where the rows are that somebody has read before: nobody reads older ones again."""
        self.follow()
        came = False
        while self._behind() and self.consume():
            came = True
        if came:
            with suppress(Trouble):  # words follow; what is wrong with them never holds up rows
                while self.index():
                    pass

    def _behind(self) -> bool:
        kept = [g for g in self.known if g.sink in self.sinks and g.stage is Stage.KEPT]
        read = {into.sink.name: into.generation for into in self.intos
                if into.generation.stage is Stage.CURRENT}  # fmt: skip
        return any(self._older(read[one.sink], one) for one in kept if one.sink in read)

    def _older(self, one: Generation, other: Generation) -> bool:
        here, there = (self.ports.checkpoints.positions(g) for g in (one, other))
        return any(here.get(shard, 0) < at for shard, at in there.items())

    def sweep(self, age_us: int = SWEPT_AGE_US) -> int:
        """Publishes what was committed and not published since."""
        now = drive(self.ports.clock.now())
        return drive(sweep(self.ports.journal, self.ports.feed, now, age_us))

    def repair(self) -> int:
        """Tries what is parked, each in its own time; how many are free again."""
        return self._each(self._repair)

    def audit(self, age_us: int = AGE_US) -> int:
        """Compares what was committed with what is shown; how many were behind."""
        return self._each(lambda into: self._audited(into, age_us))

    def index(self) -> int:
        """The next changes into the search index."""
        return self._each(self._index)

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
        """All that waits in one sink."""
        found: list[Parked] = []
        after = ""
        while page := drive(self.ports.parks.waiting(into.generation, after, PARKED_PER_PAGE)):
            found += page
            after = f"{page[-1].aggregate.tenant}/{page[-1].aggregate.id}"
        return found

    def _each(self, step: Callable[[Into], int]) -> int:
        """For every sink. What one of them meets is told, and keeps no other from its turn."""
        done, met = 0, None
        for into in self.intos:
            try:
                done += step(into)
            except Exception as error:  # noqa: BLE001  raised below, once all had their turn
                met = met or error
        if met is not None:
            raise met
        return done

    def _index(self, into: Into) -> int:
        ports = self.ports
        if not into.sink.searches:
            return 0
        steps = follow(into.sink, into.generation, ports.generations, ports.rows, ports.search)
        return drive(steps)

    def _repair(self, into: Into) -> int:
        return sum(self._repaired(into, one) for one in self.parked(into))

    def _repaired(self, into: Into, parked: Parked) -> bool:
        """A gap is tried again ever more patiently; poison once, for the code may be new."""
        key = (into.generation.number, parked.aggregate)
        patience = min(0.1 * 2 ** min(parked.tries, DOUBLED_MAX), PATIENCE_S_MAX)
        last = self.tried.get(key)
        if last is not None and (parked.poison or time.monotonic() - last < patience):
            return False
        self.tried[key] = time.monotonic()
        try:
            free = drive(repair(into, self.ports.journal, parked.aggregate))
        except Trouble as trouble:  # a damaged record, say: the others are tried all the same
            why = str(trouble)
            drive(self.ports.parks.tried(into.generation, parked.aggregate, why, poison=False))
            return False
        if free:
            del self.tried[key]
        return free

    def _audited(self, into: Into, age_us: int) -> int:
        behind = 0
        while into.sink.domain.decided:
            step = drive(audit(into, self.ports.generations, self.ports.journal, age_us))
            behind += step.behind
            if step.done:
                break
        return behind


def engine(ports: Adapters, domains: Mapping[str, Domain], told: Told = lambda _: None) -> Engine:
    """The engine, once every sink is settled. Only with the work lock."""
    intos = settled(ports, domains, told)
    made = Engine(ports, domains, intos, Consumer(ports, intos))
    made.come_up()
    return made
