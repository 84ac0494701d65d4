"""Facts onto the feed: one producer a process, one bundle in flight a lane."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from mainstem.ports import Clock, Feed
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact, Producer, send


def new_producer() -> Producer:
    """Somebody whom nobody has heard of."""
    return Producer(uuid.uuid4().hex)


@dataclass
class Ingest:
    """Sends facts; `heard` is told when some were published."""

    feed: Feed
    clock: Clock
    heard: Callable[[], None] = lambda: None
    producer: Producer = field(default_factory=new_producer)
    turn: Lock = field(default_factory=Lock)

    def send(self, facts: Sequence[Fact]) -> Sequence[bool]:
        """Which of them are on the feed: acknowledged as published."""
        with self.turn:
            sent = drive(send(self.feed, self.clock, self.producer, facts))
            if not all(sent):
                # What became of the others is unknown: new bundles come from somebody new.
                self.producer = new_producer()
        self.heard()
        return sent
