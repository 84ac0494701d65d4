"""Sending: facts from a program of one's own, each stored or published.

A fact is an id and an event. Those of one id arrive in the order in which they were sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from mainstem._event import Event
from mainstem._kind import micros
from mainstem._refusal import Unfit
from mainstem.envelope import ID_CHARACTERS_MAX
from mainstem.ports import Clock, Unavailable
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from producers.forwarding import Forwarder
from producers.ingest import Ack
from producers.taking import Taker

FACTS_A_KEEP = 10_000


class Said(NamedTuple):
    """What has happened to whom; without `at`, it happens when it is sent."""

    id: str
    event: Event
    at: datetime | None = None


@dataclass
class Sender:
    """One process's facts of one domain. Any number of threads may send."""

    taker: Taker
    forwarder: Forwarder
    clock: Clock

    def send(
        self, id: str, event: Event, *, at: datetime | None = None, ack: Ack | str = Ack.STORED
    ) -> None:
        """Returns once it is stored, or published. Raises Unfit, or Unavailable: it is neither."""
        self.send_all([Said(id, event, at)], ack=ack)

    def send_all(
        self, many: Iterable[Said | tuple[str, Event]], *, ack: Ack | str = Ack.STORED
    ) -> None:
        """All of them, part after part; far quicker than each by itself."""
        wished, places, facts = Ack(ack), list[int](), list[Fact]()
        for one in many:
            facts.append(self.fact(Said(*one)))
            if len(facts) == FACTS_A_KEEP:
                places += self.keep(facts)
                facts = []
        places += self.keep(facts)
        if wished is Ack.PUBLISHED:
            self.wait(places)

    def keep(self, facts: Sequence[Fact]) -> Sequence[int]:
        """Where in the log they are stored."""
        return [one.place for one in self.forwarder.keep(facts)] if facts else []

    def wait(self, places: Sequence[int]) -> None:
        """Until what is stored there is published."""
        if not self.forwarder.wait(places):
            raise Unavailable("it is stored, and whoever sends next publishes it: this one ends")

    def flush(self, seconds: float | None = None) -> bool:
        """Whether all that was stored is published, after waiting for it."""
        return self.forwarder.flush(seconds)

    def fact(self, said: Said) -> Fact:
        """As it travels. Raises Unfit, naming what is wrong."""
        id, event, at = said
        if not 0 < len(id) <= ID_CHARACTERS_MAX or not id.isprintable():
            raise Unfit(f"id: has from 1 to {ID_CHARACTERS_MAX} characters, all of them printable")
        if self.taker.domain.events.get(event.__shape__.type) is not type(event):
            known = ", ".join(self.taker.domain.events)
            raise Unfit(f"{type(event).__name__} is no event of {self.taker.domain.name}: {known}")
        if at is not None and at.tzinfo is None:
            raise Unfit("at: a moment says its zone")
        now = drive(self.clock.now()) if at is None else micros(at)
        return self.taker.fact(id, event, now)
