"""A power loss takes back what had not reached the disk: never a number that somebody has seen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from local.feed import NUMBERS_PER_BLOCK, Feed
from local.journal import Journal
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.bundle import lane_of
from mainstem.ports import Bundle
from mainstem.protocol.drive import drive
from tests.contracts.desk import BURNS as TICKET
from tests.contracts.desk import commit, firsts, record
from tests.contracts.feed import BURNS, arrived, datas, put
from tests.local import cupboard, ledger

LANE = lane_of(Aggregate("main", "clicks", "ann"))


class Watched(Store):
    """Notes how much of its log was on the disk for certain when a durable write was answered."""

    synced = 0

    def __init__(self, file: Path) -> None:
        super().__init__(file)  # from its log a store begins anew; here it is read as one piece
        self.write(lambda db: db.execute("PRAGMA wal_autocheckpoint = 0"))

    def write(self, *args: Any, durable: bool = True) -> Any:
        result = super().write(*args, durable=durable)
        if durable:
            self.synced = log(self.file).stat().st_size
        return result


def log(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def lost(store: Watched, place: Path) -> Path:
    """The file as a machine finds it whose power failed now: nothing but what was synced."""
    place.mkdir()
    copy = place / store.file.name
    shutil.copy(store.file, copy)
    log(copy).write_bytes(log(store.file).read_bytes()[: store.synced])
    return copy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return ledger.truth(tmp_path)


def test_a_number_that_was_seen_and_lost_is_not_given_again(file: Path) -> None:
    seen = 0
    for life in range(4):
        store = Watched(file)
        feed = Feed(store)
        for n in range(10):
            put(feed, BURNS, b"%d.%d" % (life, n))
        sequences = [one.sequence for one in arrived(feed)]
        assert all(sequence > seen for sequence in sequences)
        seen = max(sequences)
        file = lost(store, file.parent / "lost")
        store.close()
        with ledger.feed(file) as left:
            assert arrived(left) == []  # or this test would show nothing


def test_facts_that_were_acknowledged_are_not_lost(file: Path) -> None:
    store = Watched(file)
    feed = Feed(store)
    put(feed, BURNS, b"before")
    put(feed, LANE, b"a fact")
    put(feed, BURNS, b"after")
    file = lost(store, file.parent / "lost")
    store.close()
    with ledger.feed(file) as left:
        assert datas(arrived(left), LANE) == [b"a fact"]
        assert datas(arrived(left)) == [b"before"]


def test_numbers_are_safe_where_those_at_hand_ran_out(file: Path) -> None:
    store = Watched(file)
    feed = Feed(store)
    bundles = [Bundle(f"main/tickets/{n}", b"") for n in range(500)]
    for _ in range(NUMBERS_PER_BLOCK // 500 + 2):
        drive(feed.put(bundles))
    seen = max(feed.ends().values())
    assert seen > NUMBERS_PER_BLOCK
    file = lost(store, file.parent / "lost")
    store.close()
    with ledger.feed(file) as again:
        assert max(again.ends().values()) < seen  # or this test would show nothing
        put(again, BURNS, b"")
        assert max(again.ends().values()) > seen


def test_numbers_grow_while_another_goes_on_putting(file: Path) -> None:
    store = Watched(file)
    first = Feed(store)
    put(first, BURNS, b"1")
    with ledger.feed(file) as second:
        put(second, BURNS, b"2")
        put(first, BURNS, b"3")
        put(second, BURNS, b"4")
        found = arrived(second)
    assert datas(found) == [b"1", b"2", b"3", b"4"]
    assert [one.sequence for one in found] == sorted({one.sequence for one in found})
    store.close()


def test_a_mark_is_never_kept_without_what_was_put_before_it(file: Path) -> None:
    store = Watched(file)
    journal, feed = Journal(store), Feed(store)
    commit(journal, record(1))
    put(feed, BURNS, b"1")
    drive(journal.mark(TICKET, (1,)))
    commit(journal, record(2))
    put(feed, BURNS, b"2")
    drive(journal.mark(TICKET, (2,)))
    file = lost(store, file.parent / "lost")
    store.close()
    with cupboard.store(file) as left:
        assert firsts(drive(Journal(left).unpublished(TICKET))) == [2]
        assert datas(arrived(Feed(left))) == [b"1"]


@pytest.mark.parametrize("cut", range(20))
def test_wherever_the_log_breaks_off_every_mark_has_its_bundle(file: Path, cut: int) -> None:
    store = Watched(file)
    journal, feed = Journal(store), Feed(store)
    for first in range(1, 6):
        commit(journal, record(first))
        put(feed, BURNS, b"%d" % first)
        drive(journal.mark(TICKET, (first,)))
    store.synced = log(file).stat().st_size * cut // 20
    file = lost(store, file.parent / "lost")
    store.close()
    with cupboard.store(file) as left:
        there = drive(Journal(left).records(TICKET, 0, 9))
        marked = [b"%d" % one.first for one in there if one.published]
        fed = datas(arrived(Feed(left)))
    assert marked == fed[: len(marked)]
    assert len(fed) <= len(there)
