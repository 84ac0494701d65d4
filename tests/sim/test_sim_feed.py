"""The feed in memory keeps the contract, parts and joins, forgets, and is as weak as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import cast

import pytest

from mainstem.ports import Bundle, Shard
from mainstem.ports import Feed as Port
from mainstem.protocol.drive import drive
from mainstem.sim.stores.feed import Feed
from tests.contracts.feed import BURNS, FeedContract, arrived, datas, put
from tests.contracts.shards import NAMES, ShardsContract, Timed, in_order
from tests.sim.certain import Certain
from tests.sim.served import Ports, Served, served


def opened(port: Ports) -> Port:
    return cast("Port", port("feed"))


@pytest.fixture(params=[1, 2, 4])
def opening(request: pytest.FixtureRequest) -> Iterator[Served]:
    with served({"feed": Feed(shards=request.param)}, opened) as opening:
        yield opening


@pytest.fixture
def timed() -> Timed:
    times = [0]
    return Timed(Feed(lambda: times[0], shards=4), lambda time: times.__setitem__(0, time))


class TestFeed(FeedContract):
    pass


class TestShards(ShardsContract):
    pass


def still_open(feed: Feed) -> list[str]:
    return [one.name for one in feed.known() if not one.closed]


def test_parents_of_a_child_are_named_the_eldest_first() -> None:
    feed = Feed(shards=10)
    one, other = feed.split("shard-10")
    child = feed.merge("shard-9", feed.merge(other, one))
    assert feed.known()[-1] == Shard(child, ("shard-9", "shard-13"), False)


def test_only_the_keys_of_a_shard_that_was_split_move() -> None:
    feed = Feed()
    for key in NAMES:
        put(feed, key, b"before")
    feed.split("shard-1")
    for key in NAMES:
        put(feed, key, b"after")
    everything = arrived(feed)
    homes = {tuple(one.shard for one in everything if one.key == key) for key in NAMES}
    children = {("shard-1", "shard-3"), ("shard-1", "shard-4")}
    assert homes == {("shard-2", "shard-2"), *children}


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_every_key_has_a_shard_however_they_part_and_join(shards: int) -> None:
    feed = Feed(shards=shards)
    for _ in range(3):
        for shard in still_open(feed):
            feed.split(shard)
        feed.merge(*still_open(feed)[:2])
    for key in NAMES:
        put(feed, key, b"here")
    assert all(in_order(feed, key) == [b"here"] for key in NAMES)
    assert {one.shard for one in arrived(feed)} <= set(still_open(feed))


def told_times(*keys: str) -> Feed:
    """A record of each key at every time from 0 to 5."""
    feed = Feed(now=count().__next__, shards=1)
    for n in range(6):
        drive(feed.put([Bundle(key, b"%d" % n) for key in keys]))
    return feed


def test_a_closed_shard_of_which_nothing_is_left_has_ended() -> None:
    feed = told_times(*NAMES[:3])
    feed.split("shard-1")
    assert feed.forget(9, keep_facts=True) == 18
    assert drive(feed.read("shard-1", 7, 9)) == ((), 7, True, 0)
    assert set(feed.ends().values()) == {0}


def test_a_copy_goes_its_own_way() -> None:
    feed = Feed()
    put(feed, BURNS, b"1")
    copy = feed.copy()
    assert copy.key() == feed.key()
    put(copy, BURNS, b"2")
    copy.split("shard-1")
    assert (datas(arrived(feed)), datas(arrived(copy))) == ([b"1"], [b"1", b"2"])
    assert (len(feed.known()), len(copy.known())) == (2, 4)
    put(feed, BURNS, b"2")
    feed.split("shard-1")
    assert copy.key() == feed.key()


def test_a_copy_may_be_given_a_clock_of_its_own() -> None:
    feed = told_times(BURNS)
    copy = feed.copy()
    copy.now = lambda: 1_000
    put(copy, BURNS, b"copy")
    put(feed, BURNS, b"feed")
    assert [arrived(one)[-1].at for one in (copy, feed)] == [1_000, 6]


def put_and_forgotten(feed: Feed) -> None:
    """It is empty again, but a number is taken."""
    put(feed, BURNS, b"gone")
    assert feed.forget(99, keep_facts=True) == 1


def test_a_key_tells_feeds_apart_that_will_answer_otherwise() -> None:
    changes: list[Callable[[Feed], object]] = [
        lambda feed: None,
        lambda feed: put(feed, BURNS, b"other"),
        lambda feed: put(feed, NAMES[0], b"1"),
        lambda feed: feed.split("shard-1"),
        lambda feed: feed.split("shard-2"),
        lambda feed: feed.merge("shard-1", "shard-2"),
        put_and_forgotten,
    ]
    keys = set()
    for change in changes:
        feed = Feed()
        change(feed)
        keys.add(feed.key())
    assert len(keys) == len(changes)


def test_a_key_tells_feeds_apart_whose_shards_have_other_parents() -> None:
    one, other = Feed(shards=4), Feed(shards=4)
    one.merge(one.merge("shard-1", "shard-2"), one.merge("shard-3", "shard-4"))
    other.merge(other.merge("shard-1", other.merge("shard-2", "shard-3")), "shard-4")
    assert still_open(one) == still_open(other)
    assert one.key() != other.key()


SOME = [Bundle(key, b"1") for key in NAMES[:3]]


@pytest.mark.parametrize(
    ("what", "said", "there"),
    [
        ("put refused", False, []),
        ("put twice", True, [b"1", b"1"]),
        ("put refused but there", False, [b"1"]),
        ("something else", True, [b"1"]),
    ],
)
def test_a_put_is_as_weak_as_it_is_told(what: str, said: bool, there: list[bytes]) -> None:
    feed = Feed(chance=Certain(what))
    assert drive(feed.put(SOME)) == (said,) * 3
    assert all(in_order(feed, one.key) == there for one in SOME)
    sequences = [one.sequence for one in arrived(feed)]
    assert len(set(sequences)) == 3 * len(there)


class Second(Certain):
    """It happens to the second of the records that could be hit."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.asked = 0

    def happens(self, what: str) -> bool:
        self.asked += super().happens(what)
        return super().happens(what) and self.asked == 2


def test_one_record_of_a_put_may_fail_and_the_others_be_there() -> None:
    feed = Feed(chance=Second("put refused"))
    assert drive(feed.put(SOME)) == (True, False, True)
    assert {one.key for one in arrived(feed)} == {SOME[0].key, SOME[2].key}


@pytest.mark.parametrize(("index", "sizes"), [(0, [1, 1, 1, 1, 1]), (-1, [2, 2, 1])])
def test_a_short_reading_goes_on_where_it_ended(index: int, sizes: list[int]) -> None:
    feed = Feed(shards=1, chance=Certain("read short", index=index))
    for n in range(5):
        put(feed, BURNS, b"%d" % n)
    feed.split("shard-1")
    after, read, datas = 0, [], []
    ended = False
    while not ended:
        records, upto, ended, behind = drive(feed.read("shard-1", after, 3))
        read.append(len(records))
        datas += [one.data for one in records]
        assert (upto, behind) == (records[-1].sequence, 5 - sum(read))
        after = upto
    assert (read, datas) == (sizes, [b"%d" % n for n in range(5)])


def test_weaknesses_are_shared_with_copies() -> None:
    chance = Certain()
    copy = Feed(chance=chance).copy()
    chance.happening.add("put refused")
    assert drive(copy.put(SOME)) == (False,) * 3


def test_a_put_may_take_its_place_before_one_that_nobody_has_read() -> None:
    feed = Feed(lambda: 0, 1, Certain("put overtakes"))
    for n in range(3):
        put(feed, BURNS, b"%d" % n)
    (shard,) = drive(feed.shards())
    records = drive(feed.read(shard.name, 0, 9)).records
    assert [one.sequence for one in records] == [1, 2, 3]
    assert [one.data for one in records] == [b"1", b"2", b"0"]
    put(feed, BURNS, b"3")
    assert drive(feed.read(shard.name, 3, 9)).records[0].data == b"3"
