"""Hosts: producers of facts, some with a log of what they were given, some without.

Without one, what was not acknowledged is promised by nobody, nor sent again. With one, all that a
host was given arrives, once and in order, however often its process ends: it begins anew with what
the log still holds, under the names and numbers that stand there.
"""

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


class Sending(NamedTuple):
    """Some facts on their way, and under which name and after which numbers they are sent."""

    some: Sequence[Said]
    facts: Sequence[Fact]
    producer: str
    numbers: Mapping[str, int]


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
    log: Sending | None = None  # what was taken, and is not known to be on the feed
    producer: Producer | None = None
    sending: bool = False

    @property
    def at_rest(self) -> bool:
        """Whether it has nothing left to say."""
        return not (self.to_say or self.sending or self.log)

    def send(self) -> None:
        """What its log still holds, or else the next few, if it isn't sending already."""
        if self.sending or self.at_rest:
            return
        sending = self._again(self.log) if self.log else self._next()
        producer, clock, self.sending = Producer(sending.producer), self.world.clock(), True
        producer.numbers = dict(sending.numbers)

        def ended(sent: Sequence[bool]) -> None:
            self.sending = False
            self._sent(sending, producer, sent)

        def failed(_: BaseException | None) -> None:
            self.sending, self.producer = False, None

        steps = send(PORTS.feed, clock, producer, sending.facts)
        self.world.scheduler.spawn(self.name, steps, ended, failed)

    def _next(self) -> Sending:
        some, self.to_say = self.to_say[:FACTS_MAX], self.to_say[FACTS_MAX:]
        if self.producer is None:
            self.lives.append(set())
            self.producer = Producer(f"{self.name}-{len(self.lives)}")
        self.said += some
        self.lives[-1] |= {one.nth for one in some}
        facts = [one.fact(self.world.scheduler.now) for one in some]
        sending = Sending(some, facts, self.producer.name, dict(self.producer.numbers))
        if self.logs:
            self.log = sending
            self.acknowledged += some  # they are stored, and will be published
        return sending

    def _again(self, logged: Sending) -> Sending:
        if self.producer is None:
            self.world.befalls("host begins anew", f"{self.name} begins anew, with its log")
        return logged

    def _sent(self, sending: Sending, producer: Producer, sent: Sequence[bool]) -> None:
        if self.logs and not all(sent):
            return  # the same once more
        if not self.logs:
            some = zip(sending.some, sent, strict=True)
            self.acknowledged += [one for one, there in some if there]
        # New bundles come from somebody new where these may be there or not, and where they were
        # somebody's who is gone.
        goes_on = self.producer is not None and all(sent)
        self.producer, self.log = producer if goes_on else None, None


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
