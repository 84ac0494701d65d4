"""Facts onto the feed: one producer a process, one bundle in flight a lane."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from mainstem.ports import Clock, Feed
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact, Producer, send


class Ack(StrEnum):
    """What is promised of a fact: it is safe in a log, or on the feed for everybody."""

    STORED = "stored"
    PUBLISHED = "published"


def new_producer() -> Producer:
    """Somebody whom nobody has heard of."""
    return Producer(uuid.uuid4().hex)


@dataclass
class Ingest:
    """Sends facts, and keeps none of them; `heard` is told when some were published."""

    stores = False

    feed: Feed
    clock: Clock
    heard: Callable[[], None] = lambda: None
    producer: Producer = field(default_factory=new_producer)
    turn: Lock = field(default_factory=Lock)

    def send(self, facts: Sequence[Fact], _: Ack = Ack.PUBLISHED) -> Sequence[Ack | None]:
        """What is promised of each; None: nobody knows whether it is on the feed."""
        with self.turn:
            sent = drive(send(self.feed, self.clock, self.producer, facts))
            if not all(sent):
                # What became of the others is unknown: new bundles come from somebody new.
                self.producer = new_producer()
        self.heard()
        return [Ack.PUBLISHED if one else None for one in sent]
