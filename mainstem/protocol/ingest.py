"""INGEST: facts into bundles, one in flight a lane, sent again with the same bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of, runs
from mainstem.ports import Bundle, Clock, Feed, Trouble
from mainstem.ports.feed import PUT_BYTES_MAX, PUT_RECORDS_MAX

TRIES_MAX = 5
PAUSE_S = 0.05


class Fact(NamedTuple):
    """An encoded envelope, and whose it is."""

    aggregate: Aggregate
    line: bytes


class Producer:
    """Numbers bundles without a hole, lane by lane. A process starts as a new one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.numbers: dict[str, int] = {}

    def next(self, lane: str) -> int:
        """The number of the lane's next bundle."""
        self.numbers[lane] = self.numbers.get(lane, 0) + 1
        return self.numbers[lane]


async def send(
    feed: Feed, clock: Clock, producer: Producer, facts: Sequence[Fact]
) -> tuple[bool, ...]:
    """Which of the facts are on the feed, in the order given.

    A lane's bundles go one after the other, so nothing overtakes: after one that was not
    acknowledged, nothing more of its lane is sent.
    """
    lanes: dict[str, list[int]] = {}
    for place, fact in enumerate(facts):
        lanes.setdefault(lane_of(fact.aggregate), []).append(place)
    queues = {lane: list(_bundles(producer, lane, facts, places)) for lane, places in lanes.items()}
    sent = [False] * len(facts)
    while queues:
        for calls in _calls({lane: queue[0][1] for lane, queue in queues.items()}):
            for lane, acknowledged in (await _put(feed, clock, calls)).items():
                places, _ = queues[lane].pop(0)
                for place in places:
                    sent[place] = acknowledged
                if not acknowledged or not queues[lane]:
                    del queues[lane]
    return tuple(sent)


def _bundles(
    producer: Producer, lane: str, facts: Sequence[Fact], places: Sequence[int]
) -> Iterator[tuple[Sequence[int], bytes]]:
    for start, end in runs((1, len(facts[place].line) + 1) for place in places):
        some = places[start:end]
        lines = [facts[place].line for place in some]
        yield some, bundled(lines, producer.name, producer.next(lane))


def _calls(heads: dict[str, bytes]) -> Iterator[dict[str, bytes]]:
    """One bundle a lane, as many lanes as one call may carry."""
    call: dict[str, bytes] = {}
    size = 0
    for lane, data in heads.items():
        if len(call) == PUT_RECORDS_MAX or size + len(data) > PUT_BYTES_MAX:
            yield call
            call, size = {}, 0
        call[lane] = data
        size += len(data) + len(lane)
    yield call


async def _put(feed: Feed, clock: Clock, call: dict[str, bytes]) -> dict[str, bool]:
    """Tries again what was not acknowledged, with the same bytes."""
    done = dict.fromkeys(call, False)
    for attempt in range(TRIES_MAX):
        waiting = [lane for lane, acknowledged in done.items() if not acknowledged]
        if attempt:
            await clock.sleep(PAUSE_S * 2**attempt)
        try:
            results = await feed.put([Bundle(lane, call[lane]) for lane in waiting])
        except Trouble:
            continue
        done |= zip(waiting, results, strict=True)
        if all(done.values()):
            break
    return done
