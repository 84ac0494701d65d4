"""Hosts: producers of facts. What was not acknowledged is promised by nobody, nor sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, encode
from mainstem.protocol.ingest import Fact, Producer, send
from mainstem.sim.world import PORTS, TENANT, World

FACTS_MAX = 4  # in one sending
STIRRED = 0.15


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
class Host:
    """A process that sends facts, one call after the other."""

    world: World
    name: str
    to_say: list[Said]
    acknowledged: list[Said] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    lives: list[set[int]] = field(default_factory=list)  # what each of its producers said
    producer: Producer | None = None
    sending: bool = False

    def send(self) -> None:
        """The next few, if it isn't sending already."""
        if self.sending or not self.to_say:
            return
        some, self.to_say = self.to_say[:FACTS_MAX], self.to_say[FACTS_MAX:]
        self.said += some
        if self.producer is None:
            self.lives.append(set())
            self.producer = Producer(f"{self.name}-{len(self.lives)}")
        self.lives[-1] |= {one.nth for one in some}
        now, producer, self.sending = self.world.scheduler.now, self.producer, True
        facts = [one.fact(now) for one in some]
        steps = send(PORTS.feed, self.world.clock(), producer, facts)

        def ended(sent: Sequence[bool]) -> None:
            self.sending = False
            self.acknowledged += [one for one, there in zip(some, sent, strict=True) if there]
            if not all(sent):
                self.producer = None  # new bundles come from somebody new

        def failed(_: BaseException | None) -> None:
            self.sending, self.producer = False, None

        self.world.scheduler.spawn(self.name, steps, ended, failed)


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
        found.append(Host(world, name, to_say))
    return found


def _sip(host: str, nth: int, cup: Aggregate, stirred: bool) -> Said:
    if stirred:
        return Said(host, nth, cup, "Stirred", {"source": host, "nth": nth})
    return Said(host, nth, cup, "Sipped", {"source": host, "nth": nth, "amount": 1 + nth % 3})
