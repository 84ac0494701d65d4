"""INGEST: facts into bundles, one in flight a lane, sent again with the same bytes.

A host with a log keeps a bundle there before it is sent. However often its process ends, what the
log still holds goes first, under the names and numbers it was kept with; whatever is new comes from
somebody new.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of, parts
from mainstem.ports import Acknowledged, Bundle, Clock, Feed, Log, Sealed, Trouble
from mainstem.ports.feed import PUT_BYTES_MAX, PUT_RECORDS_MAX

TRIES_MAX = 5
PAUSE_US = 50_000
PAUSE_US_MAX = 5_000_000
KNOWN_MAX = 32_768  # aggregates whose lanes are remembered; some megabytes


class Fact(NamedTuple):
    """An encoded envelope, and whose it is."""

    aggregate: Aggregate
    line: bytes


class Producer:
    """Numbers bundles without a hole, lane by lane. A process starts as a new one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: dict[str, int] = {}
        self._lanes: dict[Aggregate, str] = {}

    def lanes(self, facts: Iterable[Fact]) -> Iterator[tuple[str, bytes]]:
        """Each fact's lane, and its line. Whoever is heard of is often heard of again."""
        known = self._lanes
        for aggregate, line in facts:
            lane = known.get(aggregate)
            if lane is None:
                if len(known) >= KNOWN_MAX:
                    known.clear()
                lane = known[aggregate] = lane_of(aggregate)
            yield lane, line

    def next(self, lane: str) -> int:
        """The number of the lane's next bundle."""
        self.numbers[lane] = self.numbers.get(lane, 0) + 1
        return self.numbers[lane]


@dataclass
class Waiting:
    """A lane's bundles, the next one first, and when it may be tried again."""

    bundles: deque[Sealed] = field(default_factory=deque)
    tries: int = 0
    due: int = 0


class Outbox:
    """What is on its way to the feed."""

    def __init__(self) -> None:
        self.lanes: dict[str, Waiting] = {}
        self.bytes = 0
        self.there: list[Sealed] = []  # on the feed, and not done with
        self.trouble = ""  # why the last call brought nothing there

    @property
    def at_rest(self) -> bool:
        """Whether nothing is left to do."""
        return not (self.lanes or self.there)

    def add(self, bundles: Iterable[Sealed]) -> None:
        """Behind what waits in their lanes."""
        for one in bundles:
            self.lanes.setdefault(one.lane, Waiting()).bundles.append(one)
            self.bytes += len(one.data)

    async def step(self, feed: Feed, clock: Clock) -> tuple[Sealed, ...]:
        """One call, with the next bundle of each lane that may go now; which are on the feed."""
        now = await clock.now()
        soonest = min((one.due for one in self.lanes.values()), default=now)
        if soonest > now:  # all of them were refused just now
            await clock.sleep((soonest - now) / 1e6)
            now = soonest
        heads = list(self._heads(now))
        try:
            results = await feed.put([Bundle(one.lane, one.data) for one in heads])
            self.trouble = ""
        except Trouble as no:
            results = (False,) * len(heads)  # of none of them is anything known
            self.trouble = str(no)
        return tuple(self._tried(heads, results, now))

    def give_up(self) -> None:
        """What was tried often enough is left, with all of its lane, so that nothing overtakes."""
        for lane in [name for name, one in self.lanes.items() if one.tries >= TRIES_MAX]:
            self.bytes -= sum(len(one.data) for one in self.lanes.pop(lane).bundles)

    def _heads(self, now: int) -> Iterator[Sealed]:
        """One bundle a lane, as many lanes as one call may carry."""
        many = size = 0
        for one in self.lanes.values():
            head = one.bundles[0]
            if many == PUT_RECORDS_MAX or size + len(head.data) > PUT_BYTES_MAX:
                return
            if one.due <= now:
                yield head
                many, size = many + 1, size + len(head.data) + len(head.lane)

    def _tried(self, heads: Sequence[Sealed], results: Acknowledged, now: int) -> Iterator[Sealed]:
        for head, acknowledged in zip(heads, results, strict=True):
            waiting = self.lanes.pop(head.lane)
            if acknowledged:
                waiting.bundles.popleft()
                self.bytes -= len(head.data)
                waiting.tries = 0
                yield head
            else:
                waiting.due = now + min(PAUSE_US << waiting.tries, PAUSE_US_MAX)
                waiting.tries += 1
            if waiting.bundles:
                self.lanes[head.lane] = waiting  # the last one: every lane has its turn


def sealed(producer: Producer, facts: Sequence[Fact], at: int = 0) -> list[Sealed]:
    """All of them, numbered and in bundles; those of a lane in the order given."""
    lanes = defaultdict[str, list[bytes]](list)
    for lane, line in producer.lanes(facts):
        lanes[lane].append(line)
    return [
        _bundle(producer, lane, lines[start:end], at)
        for lane, lines in lanes.items()
        for start, end in parts(lines)
    ]


async def send(
    feed: Feed, clock: Clock, producer: Producer, facts: Sequence[Fact]
) -> tuple[bool, ...]:
    """Which of the facts are on the feed, in the order given.

    After a bundle that was not acknowledged, nothing more of its lane is sent.
    """
    outbox, bundles = Outbox(), sealed(producer, facts)
    places = _places(bundles, facts)
    outbox.add(bundles)
    sent = [False] * len(facts)
    while outbox.lanes:
        for one in await outbox.step(feed, clock):
            for place in places[one.lane, one.n]:
                sent[place] = True
        outbox.give_up()
    return tuple(sent)


async def forward(log: Log, feed: Feed, clock: Clock, outbox: Outbox) -> tuple[Sealed, ...]:
    """One call for what the log holds; what is on the feed is done with."""
    done = await outbox.step(feed, clock) if outbox.lanes else ()
    outbox.there += done
    if outbox.there:
        with suppress(Trouble):  # the next call tries again
            await log.done(outbox.there)
            outbox.there = []
    return done


def _bundle(producer: Producer, lane: str, lines: Sequence[bytes], at: int) -> Sealed:
    n = producer.next(lane)
    return Sealed(lane, bundled(lines, producer.name, n), len(lines), producer.name, n, at)


def _places(
    bundles: Iterable[Sealed], facts: Iterable[Fact]
) -> dict[tuple[str, int], Sequence[int]]:
    """Which of the facts are in each bundle: those of a lane come in the order given."""
    lanes = defaultdict[str, list[int]](list)
    for place, fact in enumerate(facts):
        lanes[lane_of(fact.aggregate)].append(place)
    left = {lane: iter(places) for lane, places in lanes.items()}
    return {(one.lane, one.n): [*islice(left[one.lane], one.facts)] for one in bundles}
