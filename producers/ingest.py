"""Facts onto the feed: one producer a process, one bundle in flight a lane."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, encode
from mainstem.ports import Clock, Feed
from mainstem.protocol import ingest
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Producer


@dataclass(frozen=True)
class Fact:
    """What a producer says happened; its number is given where it is applied."""

    tenant: str
    domain: str
    id: str
    type: str
    schema: int
    at_us: int
    by: str
    data: dict[str, Any]

    def encoded(self) -> ingest.Fact:
        """As it travels. Raises Unfit."""
        line = encode(
            Envelope(
                tenant=self.tenant, domain=self.domain, id=self.id, version=1, type=self.type,
                schema=self.schema, at=self.at_us, by=self.by, data=self.data,
            )
        )  # fmt: skip
        return ingest.Fact(Aggregate(self.tenant, self.domain, self.id), line)


def _producer() -> Producer:
    return Producer(uuid.uuid4().hex)


@dataclass
class Ingest:
    """Sends facts; `heard` is told when some were published."""

    feed: Feed
    clock: Clock
    heard: Callable[[], None] = lambda: None
    producer: Producer = field(default_factory=_producer)
    turn: Lock = field(default_factory=Lock)

    def send(self, facts: Sequence[Fact]) -> Sequence[bool]:
        """Which of them are on the feed: acknowledged as published. Raises Unfit for none sent."""
        encoded = [fact.encoded() for fact in facts]
        with self.turn:
            sent = drive(ingest.send(self.feed, self.clock, self.producer, encoded))
            if not all(sent):
                # What became of the others is unknown: new bundles come from somebody new.
                self.producer = _producer()
        self.heard()
        return sent
