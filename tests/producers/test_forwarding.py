"""Forwarding: whatever is stored is published, once and in order, whatever the feed does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope, encode
from mainstem.ports import Acknowledged, Bundle, Log, Sealed, Source, Unavailable, Unknown
from mainstem.protocol import ingest
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from mainstem.protocol.lanes import RESEND_AGE_US_MAX
from mainstem.sim.stores.feed import Feed
from mainstem.sim.stores.log import Log as ShelfLog
from mainstem.sim.stores.log import Shelf
from producers.forwarding import Forwarder, Unsure
from producers.log import FileLog
from tests.producers.counted import Counted, counted, everything
from tests.producers.rough import RoughFeed

IDS = 300
A_WHILE_S = 60.0
NOW = 1_800_000_000_000_000


class Clock:
    """A clock that waits for nobody."""

    now_us = NOW

    async def now(self) -> int:
        self.now_us += 1_000
        return self.now_us

    async def sleep(self, seconds: float) -> None:
        self.now_us += int(seconds * 1e6)


def fact(id: str, nth: int) -> Fact:
    line = encode(
        Envelope(
            tenant="main", domain="sips", id=id, version=1, type="Sipped", schema=1, at=0, by="h",
            data={"source": "h", "nth": nth, "amount": 1},
        )
    )  # fmt: skip
    return Fact(Aggregate("main", "sips", id), line)


def chunks(facts: int, each: int = 500) -> Iterator[list[Fact]]:
    """So many facts of a few hundred aggregates, each aggregate's numbered in order."""
    for start in range(0, facts, each):
        numbers = range(start, min(start + each, facts))
        yield [fact(f"cup{n % IDS}", n) for n in numbers]


def said(facts: int) -> dict[str, list[int]]:
    return {f"cup{n}": list(range(n, facts, IDS)) for n in range(min(IDS, facts))}


def forwarded(log: Log, feed: RoughFeed | Feed, facts: int, each: int = 500) -> None:
    forwarder = Forwarder(log, feed, Clock())
    forwarder.start()
    try:
        for some in chunks(facts, each):
            forwarder.keep(some)
        assert forwarder.flush(A_WHILE_S)
    finally:
        forwarder.close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[FileLog]:
    opened = FileLog(tmp_path / "log")
    yield opened
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_over_a_feed_that_fails_in_every_way_nothing_is_lost_double_or_out_of_order(
    log: FileLog, seed: int
) -> None:
    feed = RoughFeed(seed)
    forwarded(log, feed, 20_000)
    assert feed.failed > 20
    found = counted(feed, said(20_000))
    assert found._replace(resent=0) == Counted(0, 0, 0, 0)
    assert found.resent > 0
    assert log.waiting == 0


@pytest.mark.slow
def test_of_a_million_facts_none_is_lost_double_or_out_of_order(log: FileLog) -> None:
    feed = RoughFeed(7)
    forwarded(log, feed, 1_000_000, each=5_000)
    found = counted(feed, said(1_000_000))
    assert found._replace(resent=0) == Counted(0, 0, 0, 0)
    assert found.resent > 1_000
    assert feed.splits


def test_without_the_rule_of_one_bundle_in_flight_a_lane_order_is_lost(
    log: FileLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = ingest.Outbox._tried

    def overtaking(
        self: ingest.Outbox, heads: Sequence[Sealed], results: Acknowledged, now: int
    ) -> Iterator[Sealed]:
        done = list(tried(self, heads, results, now))
        for waiting in self.lanes.values():
            if waiting.tries:
                waiting.bundles.rotate(-1)
        return iter(done)

    monkeypatch.setattr(ingest.Outbox, "_tried", overtaking)
    feed = RoughFeed(1)
    forwarded(log, feed, 20_000)
    assert counted(feed, said(20_000)).disordered > 0


class Slow(Feed):
    """Takes nothing until it may."""

    def __init__(self) -> None:
        super().__init__(lambda: 0, 1)
        self.may = Event()

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        if not self.may.is_set():
            raise Unavailable("not now")
        return await super().put(bundles)


def test_what_is_stored_and_not_published_goes_first_in_the_next_process(tmp_path: Path) -> None:
    feed, folder = Slow(), tmp_path / "log"
    first = FileLog(folder)
    forwarder = Forwarder(first, feed, Clock())
    forwarder.start()
    for some in chunks(2_000):
        forwarder.keep(some)
    assert not forwarder.flush(0.05)
    assert forwarder.trouble == "not now"
    forwarder.close()
    first.close()
    feed.may.set()
    second = FileLog(folder)
    again = Forwarder(second, feed, Clock())
    again.start()
    again.keep([fact("cup0", 2_100)])
    assert again.flush(A_WHILE_S)
    again.close()
    second.close()
    wanted = said(2_000)
    wanted["cup0"] = [*wanted["cup0"], 2_100]
    assert counted(feed, wanted) == Counted(0, 0, 0, 0)
    assert second.waiting == 0


def test_whoever_brings_more_than_the_feed_takes_waits(log: FileLog) -> None:
    feed = Slow()
    forwarder = Forwarder(log, feed, Clock(), bytes_max=100_000)
    forwarder.start()
    ended = Event()

    def bring() -> None:
        for some in chunks(20_000):
            forwarder.keep(some)
        ended.set()

    bringing = Thread(target=bring)
    bringing.start()
    assert not ended.wait(0.3)
    kept = sum(len(one.data) for one in drive(log.left(0, 2**31)))
    assert 100_000 <= kept < 400_000
    feed.may.set()
    assert ended.wait(A_WHILE_S)
    assert forwarder.flush(A_WHILE_S)
    forwarder.close()
    bringing.join()
    assert counted(feed, said(20_000)) == Counted(0, 0, 0, 0)


def test_what_was_left_long_ago_is_sent_only_where_it_is_known_not_to_be_there() -> None:
    shelf, feed = Shelf(), Feed(lambda: 0, 1)
    before = Forwarder(ShelfLog(shelf), feed, Clock())
    for some in chunks(50, each=10):
        before.keep(some)
    young = min(shelf.kept)
    old = {
        one: sealed._replace(at=NOW - 2 * RESEND_AGE_US_MAX) for one, sealed in shelf.kept.items()
    }
    shelf.kept = {**old, young: shelf.kept[young]}

    blind = Forwarder(ShelfLog(shelf), feed, Clock())
    blind.start()
    with pytest.raises(Unsure):
        blind.flush(A_WHILE_S)
    blind.close()
    assert everything(feed) == []

    def known(some: Sequence[Sealed]) -> list[bool]:
        return [one.n % 2 == 0 for one in some]

    there = {one.place for one in shelf.kept.values() if one.place != young and one.n % 2 == 0}
    knowing = Forwarder(ShelfLog(shelf), feed, Clock(), known=known)
    knowing.start()
    assert knowing.flush(A_WHILE_S)
    knowing.close()
    assert len(everything(feed)) == len(old) - len(there)
    assert not shelf.kept


class Full:
    """A log whose disk is full for a while, or of which nobody knows what it has kept."""

    def __init__(self, log: Log) -> None:
        self.log, self.full, self.lies = log, False, False

    async def keep(
        self, bundles: Sequence[Sealed], source: Source | None = None
    ) -> tuple[Sealed, ...]:
        if self.full:
            raise Unavailable("the disk is full")
        kept = await self.log.keep(bundles, source)
        if self.lies:
            raise Unknown("nobody knows")
        return kept

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)


def test_a_full_disk_is_told_before_anything_is_promised(log: FileLog) -> None:
    full, feed = Full(log), Feed(lambda: 0, 1)
    forwarder = Forwarder(full, feed, Clock())
    forwarder.start()
    full.full = True
    with pytest.raises(Unavailable, match="the disk is full"):
        forwarder.keep([fact("cup0", 0)])
    full.full = False
    forwarder.keep([fact("cup0", 0)])
    assert forwarder.flush(A_WHILE_S)
    forwarder.close()
    assert counted(feed, {"cup0": [0]}) == Counted(0, 0, 0, 0)


def test_where_nobody_knows_what_was_kept_no_number_is_given_twice(log: FileLog) -> None:
    lying, feed = Full(log), Feed(lambda: 0, 1)
    forwarder = Forwarder(lying, feed, Clock())
    lying.lies = True
    with pytest.raises(Unknown):
        forwarder.keep([fact("cup0", 0)])
    lying.lies = False
    forwarder.keep([fact("cup0", 1)])
    forwarder.start()
    assert forwarder.flush(A_WHILE_S)
    forwarder.close()
    assert counted(feed, {"cup0": [0, 1]}) == Counted(0, 0, 0, 0)


def test_what_is_kept_while_others_facts_are_sent_is_sent_once(log: FileLog) -> None:
    before = Forwarder(log, Slow(), Clock())
    for some in chunks(1_000):
        before.keep(some)
    feed = Slow()
    forwarder = Forwarder(log, feed, Clock())
    forwarder.start()
    for n in range(20):
        forwarder.keep([fact("late", n)])
    feed.may.set()
    assert forwarder.flush(A_WHILE_S)
    forwarder.close()
    assert counted(feed, {**said(1_000), "late": list(range(20))}) == Counted(0, 0, 0, 0)
    assert log.waiting == 0
