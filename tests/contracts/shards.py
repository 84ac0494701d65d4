"""What every feed keeps to whose shards part and join, and which lets go of what is old."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from mainstem.aggregate import Aggregate
from mainstem.bundle import lane_of
from mainstem.ports import Feed, Shard
from mainstem.protocol.drive import drive
from mainstem.sim.behind import Sharded
from tests.contracts.feed import BURNS, arrived, datas, of_shard, put

NAMES = [f"main/tickets/{n}" for n in range(40)]
LANE = lane_of(Aggregate("main", "clicks", "ann"))


class Timed(NamedTuple):
    """A feed of four shards, and what sets its clock."""

    feed: Sharded
    tell: Callable[[int], None]


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


class ShardsContract:
    """A subclass brings `timed`."""

    @pytest.fixture
    def feed(self, timed: Timed) -> Sharded:
        return timed.feed

    def test_a_shard_that_was_split_ends_and_its_children_go_on(self, feed: Sharded) -> None:
        put(feed, BURNS, b"before")
        (parent,) = {one.shard for one in arrived(feed)}
        children = feed.split(parent)
        put(feed, BURNS, b"after")
        by_name = {shard.name: shard for shard in drive(feed.shards())}
        assert by_name[parent] == Shard(parent, (), True)
        assert [by_name[child] for child in children] == [
            Shard(child, (parent,), False) for child in children
        ]
        before, after = arrived(feed)
        assert (before.data, before.shard) == (b"before", parent)
        assert after.shard in children
        assert before.sequence < after.sequence
        assert in_order(feed, BURNS) == [b"before", b"after"]

    def test_shards_that_were_merged_end_and_their_child_goes_on(self, feed: Sharded) -> None:
        for key in NAMES:
            put(feed, key, b"before")
        child = feed.merge("shard-2", "shard-1")
        for key in NAMES:
            put(feed, key, b"after")
        assert drive(feed.shards())[-1] == Shard(child, ("shard-1", "shard-2"), False)
        assert all(in_order(feed, key) == [b"before", b"after"] for key in NAMES)
        assert {one.data for one in of_shard(feed, child)} == {b"after"}

    def test_a_reading_ends_with_the_last_record_of_a_closed_shard(self, feed: Sharded) -> None:
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
        self, feed: Sharded, change: Callable[[Sharded], object], words: str
    ) -> None:
        with pytest.raises(ValueError, match=words):
            change(feed)

    def test_one_hash_can_not_be_split(self, feed: Sharded) -> None:
        narrow = "shard-1"
        for _ in range(30):
            narrow, _ = feed.split(narrow)
        with pytest.raises(ValueError, match="one hash only"):
            feed.split(narrow)

    def test_the_ends_are_where_later_bundles_come_after(self, feed: Sharded) -> None:
        assert set(feed.ends().values()) == {0}
        for key in NAMES:
            put(feed, key, b"before")
        ends = feed.ends()
        assert set(ends) == {shard.name for shard in drive(feed.shards())}
        put(feed, BURNS, b"after")
        later = [one for s, end in ends.items() for one in drive(feed.read(s, end, 9)).records]
        assert [one.data for one in later] == [b"after"]

    def test_what_is_old_is_let_go_and_facts_stay(self, timed: Timed) -> None:
        for at in range(3):
            timed.tell(at)
            for key in (*NAMES[:3], LANE):
                put(timed.feed, key, b"%d" % at)
        assert timed.feed.forget(2, keep_facts=True) == 6
        assert {one.data for one in arrived(timed.feed) if one.key != LANE} == {b"2"}
        assert datas(arrived(timed.feed), LANE) == [b"0", b"1", b"2"]
        assert timed.feed.forget(2, keep_facts=False) == 2
        assert {one.at for one in arrived(timed.feed)} == {2}

    def test_reading_goes_on_with_the_oldest_that_is_kept(self, timed: Timed) -> None:
        for at in range(6):
            timed.tell(at)
            put(timed.feed, BURNS, b"%d" % at)
        shard, first = arrived(timed.feed)[0][:2]
        timed.feed.forget(4, keep_facts=True)
        reading = drive(timed.feed.read(shard, first, 9))
        assert [one.data for one in reading.records] == [b"4", b"5"]
        assert reading.upto == reading.records[-1].sequence

    def test_a_number_is_not_given_again_once_its_bundle_was_let_go(self, feed: Sharded) -> None:
        put(feed, BURNS, b"1")
        (gone,) = arrived(feed)
        assert feed.forget(2**62, keep_facts=True) == 1
        put(feed, BURNS, b"2")
        (next,) = arrived(feed)
        assert next.sequence > gone.sequence
