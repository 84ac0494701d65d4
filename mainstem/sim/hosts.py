"""Hosts: producers of facts, some with a log of what they were given, some without.

Without one, what was not acknowledged is promised by nobody, nor sent again. With one, all that a
host was given arrives, once and in order, however often its process ends: it begins anew with what
the log still holds, under the names and numbers that stand there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, encode
from mainstem.ports import Clock, Log
from mainstem.protocol.ingest import Fact, Outbox, Producer, forward, sealed, send
from mainstem.sim import stores
from mainstem.sim.call import Watched
from mainstem.sim.stores.log import Shelf
from mainstem.sim.world import PORTS, TENANT, World

FACTS_MAX = 4  # in one sending
CALLS_MAX = 6
EVERY_BYTE = 2**31
STIRRED = 0.15
LOGGED = 0.5


class Said(NamedTuple):
    """One fact of one host: its how-manieth it is, of whom, and what happened."""

    host: str
    nth: int
    aggregate: Aggregate
    type: str
    data: Mapping[str, Any]
    schema: int = 1

    def fact(self, at: int) -> Fact:
        """As it travels. Its correlation says its how-manieth it is."""
        tenant, domain, id = self.aggregate
        line = encode(
            Envelope(
                tenant=tenant, domain=domain, id=id, version=1, schema=self.schema, at=at,
                by=self.host, type=self.type, data=dict(self.data), correlation=str(self.nth),
            )
        )  # fmt: skip
        return Fact(self.aggregate, line)


@dataclass
class Process:
    """One life of a host: somebody new, with its own clock, and the log of those before."""

    producer: Producer
    clock: Clock
    log: Log
    outbox: Outbox | None = None  # with a log, once it has been looked into


@dataclass
class Host:
    """A process that sends facts, one call after the other."""

    world: World
    name: str
    to_say: list[Said]
    logs: bool = False
    acknowledged: list[Said] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    lives: list[set[int]] = field(default_factory=list)  # what each of its producers said
    disk: Shelf = field(default_factory=Shelf)
    process: Process | None = None
    sending: bool = False

    @property
    def at_rest(self) -> bool:
        """Whether it has nothing left to say."""
        return not (self.to_say or self.sending or self.disk.kept)

    def send(self) -> None:
        """The next few, if it isn't sending already."""
        if self.sending or self.at_rest:
            return
        process, self.sending = self.process or self._started(), True
        some, self.to_say = self.to_say[:FACTS_MAX], self.to_say[FACTS_MAX:]
        self.said += some
        self.lives[-1] |= {one.nth for one in some}
        facts = [one.fact(self.world.scheduler.now) for one in some]

        def ended(sent: Sequence[bool]) -> None:
            self.sending = False
            self.process = process if all(sent) else None
            if not self.logs:
                pairs = zip(some, sent, strict=True)
                self.acknowledged += [one for one, there in pairs if there]

        def failed(_: BaseException | None) -> None:
            self.sending, self.process = False, None

        # Without a log: where anything was not acknowledged, new bundles come from somebody new.
        steps = (
            self._logged(process, some, facts)
            if self.logs
            else send(PORTS.feed, process.clock, process.producer, facts)
        )
        self.world.scheduler.spawn(self.name, steps, ended, failed)

    def _started(self) -> Process:
        self.lives.append(set())
        producer = Producer(f"{self.name}-{len(self.lives)}")
        process = Process(producer, self.world.clock(), self._log())
        if self.disk.kept:
            self.world.befalls("host begins anew", f"{self.name} begins anew, with its log")
        return process

    def _log(self) -> Log:
        port = f"log of {self.name}, {len(self.lives)}"
        self.world.ports.stores[port] = stores.Log(self.disk)
        return cast("Log", Watched(port, "log"))

    async def _logged(
        self, process: Process, some: Sequence[Said], facts: Sequence[Fact]
    ) -> tuple[bool, ...]:
        """What is kept is acknowledged. It is sent in this call or in another one."""
        log, clock = process.log, process.clock
        if process.outbox is None:
            process.outbox = Outbox()
            process.outbox.add(await log.left(0, EVERY_BYTE))
        if facts:
            kept = await log.keep(sealed(process.producer, facts, await clock.now()))
            process.outbox.add(kept)
            self.acknowledged += some
        for _ in range(CALLS_MAX):
            if not process.outbox.at_rest:
                await forward(log, PORTS.feed, clock, process.outbox)
        return ()


def hosts(world: World) -> list[Host]:
    """A few, each with something to say of the same few cups."""
    random = world.random
    cups = [Aggregate(TENANT, "sips", f"cup{n}") for n in range(random.randint(1, 2))]
    found = []
    for number in range(random.randint(1, 2)):
        name = f"host{number}"
        to_say = [
            _sip(name, n, random.choice(cups), random.random() < STIRRED)
            for n in range(random.randint(1, 8))
        ]
        found.append(Host(world, name, to_say, logs=random.random() < LOGGED))
    return found


def _sip(host: str, nth: int, cup: Aggregate, stirred: bool) -> Said:
    if stirred:
        return Said(host, nth, cup, "Stirred", {"source": host, "nth": nth})
    return Said(host, nth, cup, "Sipped", {"source": host, "nth": nth, "amount": 1 + nth % 3})
