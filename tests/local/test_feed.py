"""The feed on SQLite keeps the contract; its shards part and join, and what is old is let go."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from local.feed import BYTES_PER_READ_MAX, NUMBERS_PER_BLOCK, Feed
from local.store import Store
from mainstem.ports import Bundle
from mainstem.protocol.drive import drive
from tests.contracts.feed import BURNS, FeedContract, Opening, arrived, datas, put
from tests.contracts.shards import LANE, NAMES, ShardsContract, Timed, in_order
from tests.contracts.shelf import crowd
from tests.local import cupboard, ledger


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(ledger.feed, ledger.truth(tmp_path))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with cupboard.store(ledger.truth(tmp_path)) as opened:
        yield opened


@pytest.fixture
def feed(store: Store) -> Feed:
    return Feed(store)


class Told:
    """A clock that says what it was told."""

    def __init__(self) -> None:
        self.time = 0

    async def now(self) -> int:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += int(seconds * 1_000_000)


@pytest.fixture
def timed(store: Store) -> Timed:
    clock = Told()
    return Timed(Feed(store, clock), lambda time: setattr(clock, "time", time))


class TestFeed(FeedContract):
    pass


class TestShards(ShardsContract):
    pass


def test_every_hash_has_one_open_shard_however_they_part_and_join(store: Store) -> None:
    feed = Feed(store)
    for _ in range(3):
        for shard in [one.name for one in drive(feed.shards()) if not one.closed]:
            feed.split(shard)
    feed.merge(*[one.name for one in drive(feed.shards()) if not one.closed][:2])
    ranges = store.rows("SELECT low, high FROM shards WHERE closed = 0 ORDER BY low")
    assert (ranges[0][0], ranges[-1][1]) == (0, 2**32 - 1)
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(ranges))


@pytest.mark.slow
def test_order_is_kept_while_shards_part_under_those_who_put(tmp_path: Path) -> None:
    opening = partial(ledger.feed, ledger.truth(tmp_path))
    crowd(put_or_split, opening, processes=3)
    with opening() as feed:
        for key in NAMES:
            found = in_order(feed, key)
            for number in (b"1", b"2"):
                assert [d for d in found if d.startswith(number)] == [
                    b"%b:%02d" % (number, n) for n in range(30)
                ]


def put_or_split(opening: Opening, number: int) -> None:
    with opening() as feed:
        assert isinstance(feed, Feed)
        for n in range(30):
            if number == 0:
                feed.split(next(one.name for one in drive(feed.shards()) if not one.closed))
            else:
                drive(feed.put([Bundle(key, b"%d:%02d" % (number, n)) for key in NAMES]))


@pytest.mark.parametrize("many", [1, 5_000])
def test_what_is_old_is_let_go_and_facts_stay(store: Store, many: int) -> None:
    clock = Told()
    feed = Feed(store, clock)
    for at in range(3):
        clock.time = at
        for start in range(0, many, 500):
            bundles = [Bundle(f"main/tickets/{n}", b"%d" % at) for n in range(start, start + 500)]
            drive(feed.put([*bundles[: many - start], Bundle(LANE, b"%d" % at)][-500:]))
    lanes = len(datas(arrived(feed, 10_000), LANE))
    assert feed.forget(2, keep_facts=True) >= 2
    left = arrived(feed, 10_000)
    assert {one.data for one in left if one.key != LANE} == {b"2"}
    assert len(datas(left, LANE)) == lanes
    assert feed.forget(2, keep_facts=False) > 0
    assert {one.at for one in arrived(feed, 10_000)} == {2}


def test_a_reading_is_bounded_in_bytes(feed: Feed) -> None:
    for size in (BYTES_PER_READ_MAX + 1, BYTES_PER_READ_MAX - 1, 1, 1):
        put(feed, BURNS, bytes(size))
    shard = drive(feed.shards())[int(arrived(feed)[0].shard[-1]) - 1].name
    sizes, after = [], 0
    while records := (reading := drive(feed.read(shard, after, 9))).records:
        sizes.append([len(one.data) for one in records])
        after = reading.upto
    assert sizes == [[BYTES_PER_READ_MAX + 1], [BYTES_PER_READ_MAX - 1, 1], [1]]


def test_the_stamp_changes_when_anybody_puts_and_only_then(tmp_path: Path) -> None:
    opening = partial(ledger.feed, ledger.truth(tmp_path))
    with opening() as mine, opening() as other:
        assert isinstance(mine, Feed)
        stamps = [mine.stamp(), mine.stamp()]
        for feed in (mine, other, mine):
            put(feed, BURNS, b"")
            stamps += [mine.stamp(), mine.stamp()]
        crowd(put_or_split, opening, processes=1)
        stamps += [mine.stamp(), mine.stamp()]
    assert stamps[0::2] == stamps[1::2]
    assert len(set(stamps)) == 5


def test_a_put_inside_a_larger_whole_is_refused(store: Store) -> None:
    with store.together(), pytest.raises(AssertionError, match="of its own"):
        put(Feed(store), BURNS, b"")


def test_numbers_are_reserved_before_they_are_given(store: Store) -> None:
    feed = Feed(store)
    bundles = [Bundle(f"main/tickets/{n}", b"") for n in range(500)]
    last = 0
    while last <= NUMBERS_PER_BLOCK:
        drive(feed.put(bundles))
        last, reserved = store.row(
            "SELECT (SELECT max(sequence) FROM bundles), reserved FROM numbers"
        )
        assert last <= reserved
