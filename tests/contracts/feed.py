"""What every adapter of the Feed keeps to: in order per key, nothing lost, nothing made up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import Thread

import pytest

from mainstem.ports import Arrived, Bundle, Feed
from mainstem.ports.feed import PUT_BYTES_MAX, PUT_RECORDS_MAX
from mainstem.protocol.drive import drive
from tests.contracts.shelf import crowd

Opening = Callable[[], AbstractContextManager[Feed]]  # picklable; each time the same feed

KEYS = [f"main/tickets/{name}" for name in ("it-burns", "it-smokes", "ключ", "🔥", "a/b")]
BURNS = KEYS[0]
PROCESSES = 3
EACH = 60


def put(feed: Feed, key: str, data: bytes) -> None:
    assert drive(feed.put([Bundle(key, data)])) == (True,)


def arrived(feed: Feed, limit: int = 100) -> list[Arrived]:
    """Everything, shard by shard, in pages."""
    return [one for shard in drive(feed.shards()) for one in of_shard(feed, shard.name, limit)]


def of_shard(feed: Feed, shard: str, limit: int = 100) -> list[Arrived]:
    found: list[Arrived] = []
    after = 0
    while True:
        reading = drive(feed.read(shard, after, limit))
        assert len(reading.records) <= limit
        assert reading.upto >= after
        if not reading.records:
            assert reading.behind == 0
            return found
        found += reading.records
        after = reading.upto


def datas(records: list[Arrived], key: str = BURNS) -> list[bytes]:
    return [one.data for one in records if one.key == key]


class FeedContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def feed(self, opening: Opening) -> Iterator[Feed]:
        with opening() as opened:
            yield opened

    def test_a_new_feed_is_open_and_empty(self, feed: Feed) -> None:
        shards = drive(feed.shards())
        assert shards
        for shard in shards:
            assert (shard.parents, shard.closed) == ((), False)
            assert drive(feed.read(shard.name, 0, 9)) == ((), 0, False, 0)

    @pytest.mark.parametrize("key", KEYS)
    def test_what_was_put_arrives_as_it_was_put(self, feed: Feed, key: str) -> None:
        data = bytes(range(256))
        put(feed, key, data)
        (one,) = arrived(feed)
        assert (one.key, one.data) == (key, data)
        assert one.sequence > 0

    def test_undecodable_and_empty_data_travel_like_any_other(self, feed: Feed) -> None:
        for data in (b"", b"\xff\xfe", b"\n\n"):
            put(feed, BURNS, data)
        assert datas(arrived(feed)) == [b"", b"\xff\xfe", b"\n\n"]

    def test_a_key_stays_in_one_shard_and_in_order(self, feed: Feed) -> None:
        for n in range(20):
            bundles = [Bundle(key, b"%d" % n) for key in KEYS]
            assert drive(feed.put(bundles)) == (True,) * len(KEYS)
        everything = arrived(feed)
        for key in KEYS:
            assert datas(everything, key) == [b"%d" % n for n in range(20)]
            assert len({one.shard for one in everything if one.key == key}) == 1

    def test_many_keys_are_spread_over_the_shards(self, feed: Feed) -> None:
        drive(feed.put([Bundle(f"main/tickets/{n}", b"") for n in range(200)]))
        assert {one.shard for one in arrived(feed)} == {s.name for s in drive(feed.shards())}

    def test_sequences_and_times_of_a_shard_only_grow(self, feed: Feed) -> None:
        for n in range(10):
            drive(feed.put([Bundle(f"main/tickets/{n}-{k}", b"") for k in range(10)]))
        for shard in drive(feed.shards()):
            records = of_shard(feed, shard.name, 7)
            sequences = [one.sequence for one in records]
            assert sequences == sorted(set(sequences))
            assert [one.at for one in records] == sorted(one.at for one in records)

    @pytest.mark.parametrize("limit", [1, 3, 10, 100])
    def test_a_shard_is_read_in_pages(self, feed: Feed, limit: int) -> None:
        for n in range(10):
            put(feed, BURNS, b"%d" % n)
        assert datas(arrived(feed, limit)) == [b"%d" % n for n in range(10)]

    def test_a_reading_says_how_much_is_left(self, feed: Feed) -> None:
        for n in range(10):
            put(feed, BURNS, b"%d" % n)
        shard = arrived(feed)[0].shard
        first = drive(feed.read(shard, 0, 4))
        assert (len(first.records), first.behind) == (4, 6)
        rest = drive(feed.read(shard, first.upto, 6))
        assert (len(rest.records), rest.behind, rest.ended) == (6, 0, False)
        assert drive(feed.read(shard, rest.upto, 6)) == ((), rest.upto, False, 0)

    def test_long_bundles_all_arrive_however_few_fit_one_reading(self, feed: Feed) -> None:
        sent = [bytes([n]) * 1_000_000 for n in range(12)]
        for data in sent:
            put(feed, BURNS, data)
        assert datas(arrived(feed)) == sent

    def test_a_restart_goes_on_above_every_sequence(self, opening: Opening) -> None:
        before: list[Arrived] = []
        for n in range(4):
            with opening() as feed:
                put(feed, BURNS, b"%d" % n)
                now = arrived(feed)
            assert now[:-1] == before
            assert now[-1].sequence > max((one.sequence for one in before), default=0)
            before = now

    def test_two_bundles_of_one_key_in_one_put_are_refused(self, feed: Feed) -> None:
        with pytest.raises(AssertionError, match="one key"):
            drive(feed.put([Bundle(BURNS, b"1"), Bundle(BURNS, b"2")]))
        assert arrived(feed) == []

    def test_more_than_one_put_may_hold_is_refused(self, feed: Feed) -> None:
        many = [Bundle(f"main/tickets/{n}", b"") for n in range(PUT_RECORDS_MAX + 1)]
        with pytest.raises(AssertionError, match="501 records"):
            drive(feed.put(many))
        with pytest.raises(AssertionError, match="bytes in one put"):
            drive(feed.put([Bundle(BURNS, bytes(PUT_BYTES_MAX + 1))]))
        assert arrived(feed) == []
        assert drive(feed.put(many[:-1])) == (True,) * PUT_RECORDS_MAX

    @pytest.mark.slow
    def test_whoever_reads_on_while_processes_put_misses_nothing(
        self, feed: Feed, opening: Opening
    ) -> None:
        wanted = PROCESSES * EACH * len(KEYS)
        read: list[Arrived] = []
        reader = Thread(target=lambda: read.extend(followed(feed, wanted)))
        reader.start()
        crowd(put_each, opening, processes=PROCESSES)
        reader.join()
        assert len(read) == wanted
        assert sorted(read) == sorted(arrived(feed))
        for key in KEYS:
            for number in range(PROCESSES):
                mine = [data for data in datas(read, key) if data.startswith(b"%d:" % number)]
                assert mine == [b"%d:%d" % (number, n) for n in range(EACH)]


def put_each(opening: Opening, number: int) -> None:
    """Each key's bundles in order, with other processes' between them."""
    with opening() as feed:
        for n in range(EACH):
            drive(feed.put([Bundle(key, b"%d:%d" % (number, n)) for key in KEYS]))


def followed(feed: Feed, wanted: int) -> Iterator[Arrived]:
    """Reads on, never back, until so many have come, or none for far too long."""
    after = {shard.name: 0 for shard in drive(feed.shards())}
    seen, patience = 0, time.monotonic() + 60
    while seen < wanted and time.monotonic() < patience:
        for shard, place in after.items():
            reading = drive(feed.read(shard, place, 10))
            after[shard], seen = reading.upto, seen + len(reading.records)
            yield from reading.records
