"""Forwarding: facts in, and stored when that returns; a thread brings them to the feed.

What an earlier process left in the log goes first, in order. What is on its way is bounded: whoever
brings more than the feed takes waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread

from mainstem.ports import Clock, Feed, Log, Sealed, Source, Trouble, Unavailable
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact, Outbox, Producer, forward, sealed
from mainstem.protocol.lanes import RESEND_AGE_US_MAX
from producers.ingest import Ack, new_producer

BYTES_MAX = 32 * 1024 * 1024  # on their way
LEFT_BYTES_MAX = 8 * 1024 * 1024  # of what was left, at a time
PAUSE_S = 0.2
PATIENCE_S = 5.0  # of whoever waits for an answer
Known = Callable[[Sequence[Sealed]], Sequence[bool]]


class Unsure(Trouble):
    """So old that nobody would notice it twice, and nobody knows whether it is there."""


class Behind(Unavailable):
    """More is on its way than may be; nothing was kept."""


def _nobody(old: Sequence[Sealed]) -> Sequence[bool]:
    raise Unsure(f"{len(old)} bundles of facts are too old to be sent without knowing of them")


@dataclass
class Forwarder:
    """One process's way to the feed, with a log. `heard` is told when something is there."""

    stores = True

    log: Log
    feed: Feed
    clock: Clock
    heard: Callable[[], None] = lambda: None
    known: Known = _nobody  # of bundles kept long ago, which are on the feed
    bytes_max: int = BYTES_MAX
    published: int = 0  # facts
    trouble: str = ""  # what keeps them from getting there, just now
    _producer: Producer = field(default_factory=new_producer)
    _own: int = 0  # the place of the first bundle that was kept here
    _arrived: deque[Sealed] = field(default_factory=deque)
    _open: set[int] = field(default_factory=set)  # places of what was kept here, until published
    _bytes: int = 0
    _caught_up: bool = False
    _ends: bool = False
    _failed: BaseException | None = None
    _turn: Lock = field(default_factory=Lock)
    _changed: Condition = field(default_factory=Condition)
    _thread: Thread | None = None

    def start(self) -> None:
        """At work from here on, until `close`."""
        self._thread = Thread(target=self._run, name="forwarder", daemon=True)
        self._thread.start()

    def keep(
        self, facts: Sequence[Fact], source: Source | None = None, patience_s: float | None = None
    ) -> Sequence[Sealed]:
        """Stored when this returns, and published soon. Raises Unavailable: none of them is."""
        self._wait(lambda: self._bytes < self.bytes_max, patience_s)
        if self._bytes >= self.bytes_max:
            raise Behind(f"the feed is behind: {self.trouble or 'more comes than it takes'}")
        with self._turn:
            kept = self._kept(facts, source)
        with self._changed:
            self._arrived.extend(kept)
            self._open.update([one.place for one in kept])
            self._bytes += sum(len(one.data) for one in kept)
            self._changed.notify_all()
        return kept

    def send(self, facts: Sequence[Fact], ack: Ack = Ack.PUBLISHED) -> Sequence[Ack]:
        """What is promised of each, by the time that somebody has to be answered."""
        kept, there = self.keep(facts, patience_s=PATIENCE_S), False
        if ack is Ack.PUBLISHED:
            with suppress(Trouble):  # it is stored, whatever becomes of the way from there
                there = self.wait([one.place for one in kept], PATIENCE_S)
        return [Ack.PUBLISHED if there else Ack.STORED] * len(facts)

    def wait(self, places: Sequence[int], seconds: float | None = None) -> bool:
        """Whether what was kept there is published, after waiting for it."""
        self._wait(lambda: self._open.isdisjoint(places), seconds)
        return self._open.isdisjoint(places)

    def flush(self, seconds: float | None = None) -> bool:
        """Whether all that was kept is published, after waiting for it."""
        self._wait(lambda: self._at_rest, seconds)
        return self._at_rest

    def close(self) -> None:
        """Ends after the call it is at. What is not published stays in the log."""
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    @property
    def _at_rest(self) -> bool:
        return self._caught_up and not self._bytes

    @property
    def _over(self) -> bool:
        return self._ends or self._failed is not None

    def _wait(self, until: Callable[[], bool], seconds: float | None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: until() or self._over, seconds)
        if self._failed is not None:
            raise self._failed

    def _kept(self, facts: Sequence[Fact], source: Source | None) -> Sequence[Sealed]:
        bundles = sealed(self._producer, facts, drive(self.clock.now()))
        try:
            kept = drive(self.log.keep(bundles, source))
        except BaseException:
            # A number stands for these very bytes, which may be there: others get other numbers.
            self._producer = new_producer()
            raise
        if kept and not self._own:
            self._own = kept[0].place
        return kept

    def _run(self) -> None:
        try:
            self._take_up()
            outbox = Outbox()
            while not self._ends:
                self._collect(outbox)
                self._step(outbox)
        except BaseException as wrong:  # noqa: BLE001  whoever keeps or waits is told
            self._failed = wrong
        finally:
            with self._changed:
                self._changed.notify_all()
            self.heard()

    def _take_up(self) -> None:
        """What earlier processes left, page by page, before anything new of its lanes."""
        after, outbox = 0, Outbox()
        while not self._ends and (page := self._left(after)):
            outbox.add(self._young(page))
            while not (outbox.at_rest or self._ends):
                self._step(outbox)
            after = page[-1].place
        self._caught_up = True

    def _left(self, after: int) -> Sequence[Sealed]:
        """Others' alone: what was kept here has arrived here too."""
        with self._turn:
            page = drive(self.log.left(after, LEFT_BYTES_MAX))
            return [one for one in page if not self._own or one.place < self._own]

    def _young(self, page: Sequence[Sealed]) -> Sequence[Sealed]:
        """Without those that are there already: of old ones nobody else would notice."""
        now = drive(self.clock.now())
        old = [one for one in page if now - one.at > RESEND_AGE_US_MAX]
        if not old:
            return page
        there = {one.place for one, known in zip(old, self.known(old), strict=True) if known}
        drive(self.log.done([one for one in page if one.place in there]))
        return [one for one in page if one.place not in there]

    def _collect(self, outbox: Outbox) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not outbox.at_rest or self._arrived or self._ends)
            outbox.add(self._arrived)
            self._arrived.clear()

    def _step(self, outbox: Outbox) -> None:
        if outbox.at_rest:
            return
        done = drive(forward(self.log, self.feed, self.clock, outbox))
        self.trouble = outbox.trouble
        if outbox.there:  # the log can't be written to, just now
            drive(self.clock.sleep(PAUSE_S))
        if done:
            self._publish(done)

    def _publish(self, done: Sequence[Sealed]) -> None:
        with self._changed:
            self.published += sum(one.facts for one in done)
            self._open.difference_update([one.place for one in done])
            if self._caught_up:
                self._bytes -= sum(len(one.data) for one in done)
            self._changed.notify_all()
        self.heard()
