"""The feed on SQLite keeps the contract; its shards part and join, and what is old is let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from local.feed import BYTES_PER_READ_MAX, NUMBERS_PER_BLOCK, Feed
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.bundle import lane_of
from mainstem.ports import Bundle, Shard
from mainstem.protocol.drive import drive
from tests.contracts.feed import BURNS, FeedContract, Opening, arrived, datas, of_shard, put
from tests.contracts.shelf import crowd
from tests.local import cupboard, ledger

NAMES = [f"main/tickets/{n}" for n in range(40)]
LANE = lane_of(Aggregate("main", "clicks", "ann"))


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


class TestFeed(FeedContract):
    pass


def in_order(feed: Feed, key: str) -> list[bytes]:
    """A key's bundles as a consumer meets them: a shard only after the end of its parents."""
    found: list[bytes] = []
    ended: set[str] = set()
    for shard in drive(feed.shards()):
        assert set(shard.parents) <= ended
        records = of_shard(feed, shard.name, 3)
        found += datas(records, key)
        upto = records[-1].sequence if records else 0
        if drive(feed.read(shard.name, upto, 1)).ended:
            ended.add(shard.name)
    return found


def test_a_shard_that_was_split_ends_and_its_children_go_on(feed: Feed) -> None:
    put(feed, BURNS, b"before")
    (parent,) = {one.shard for one in arrived(feed)}
    children = feed.split(parent)
    put(feed, BURNS, b"after")
    by_name = {shard.name: shard for shard in drive(feed.shards())}
    assert by_name[parent] == Shard(parent, (), True)
    assert [by_name[child] for child in children] == [
        Shard(child, (parent,), False) for child in children
    ]
    assert datas(of_shard(feed, parent)) == [b"before"]
    assert arrived(feed)[-1].shard in children
    assert in_order(feed, BURNS) == [b"before", b"after"]


def test_shards_that_were_merged_end_and_their_child_goes_on(feed: Feed) -> None:
    for key in NAMES:
        put(feed, key, b"before")
    child = feed.merge("shard-2", "shard-1")
    for key in NAMES:
        put(feed, key, b"after")
    assert drive(feed.shards())[-1] == Shard(child, ("shard-1", "shard-2"), False)
    assert {len(in_order(feed, key)) for key in NAMES} == {2}
    assert all(in_order(feed, key) == [b"before", b"after"] for key in NAMES)
    assert {one.data for one in of_shard(feed, child)} == {b"after"}


def test_a_reading_ends_with_the_last_record_of_a_closed_shard(feed: Feed) -> None:
    for n in range(4):
        put(feed, BURNS, b"%d" % n)
    (parent,) = {one.shard for one in arrived(feed)}
    assert not drive(feed.read(parent, 0, 4)).ended
    feed.split(parent)
    first = drive(feed.read(parent, 0, 2))
    assert not first.ended
    assert drive(feed.read(parent, first.upto, 2)).ended
    assert drive(feed.read(parent, 0, 4)).ended


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda feed: feed.split("shard-9"), "shard-9: is no open shard"),
        (lambda feed: (feed.split("shard-1"), feed.split("shard-1")), "shard-1: is no open"),
        (lambda feed: feed.merge("shard-1", "shard-3"), "do not lie side by side"),
        (lambda feed: feed.merge("shard-1", "shard-1"), "do not lie side by side"),
    ],
    ids=["unknown", "closed", "apart", "itself"],
)
def test_what_can_not_be_split_or_merged_is_refused(
    feed: Feed, change: Callable[[Feed], object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        change(feed)


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


def test_reading_goes_on_with_the_oldest_that_is_kept(store: Store) -> None:
    clock = Told()
    feed = Feed(store, clock)
    for at in range(6):
        clock.time = at
        put(feed, BURNS, b"%d" % at)
    shard, first = arrived(feed)[0][:2]
    feed.forget(4, keep_facts=True)
    reading = drive(feed.read(shard, first, 9))
    assert [one.data for one in reading.records] == [b"4", b"5"]
    assert reading.upto == reading.records[-1].sequence


def test_a_number_is_not_given_again_once_its_bundle_was_let_go(store: Store) -> None:
    feed = Feed(store)
    put(feed, BURNS, b"1")
    (gone,) = arrived(feed)
    assert feed.forget(2**62, keep_facts=True) == 1
    put(feed, BURNS, b"2")
    (next,) = arrived(feed)
    assert next.sequence > gone.sequence


def test_the_ends_are_where_later_bundles_come_after(feed: Feed) -> None:
    assert set(feed.ends().values()) == {0}
    for key in NAMES:
        put(feed, key, b"before")
    ends = feed.ends()
    assert set(ends) == {shard.name for shard in drive(feed.shards())}
    put(feed, BURNS, b"after")
    later = [one for s, end in ends.items() for one in drive(feed.read(s, end, 9)).records]
    assert [one.data for one in later] == [b"after"]


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
