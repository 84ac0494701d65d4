"""Snapshots: a cache of states, never newer than the truth and never older than another."""

from __future__ import annotations

from threading import Event

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Journal, Snapshot
from mainstem.protocol.drive import drive
from tests.contracts.desk import BURNS, SMOKES, Desk, commit, firsts, record, threads

THREE = Snapshot(3, "f1", b'{"title":"It burns"}')


def keep(journal: Journal, snapshot: Snapshot, state: str = "Ticket") -> None:
    drive(journal.keep(BURNS, state, snapshot))


def kept(journal: Journal, fingerprint: str, of: Aggregate = BURNS) -> Snapshot | None:
    return drive(journal.load(of, "", {"Ticket": fingerprint})).snapshots.get("Ticket")


class SnapshotsContract(Desk):
    """A subclass brings `opening`."""

    @pytest.fixture
    def five(self, journal: Journal) -> Journal:
        commit(journal, *(record(n) for n in range(1, 6)))
        return journal

    def test_a_state_is_loaded_with_what_came_after_it(self, five: Journal) -> None:
        keep(five, THREE)
        found = drive(five.load(BURNS, "", {"Ticket": "f1"}))
        assert found.snapshots == {"Ticket": THREE}
        assert (firsts(found.tail), found.version) == ([4, 5], 5)

    def test_where_nothing_came_after_it_the_version_is_its_own(self, five: Journal) -> None:
        keep(five, THREE._replace(version=5))
        found = drive(five.load(BURNS, "", {"Ticket": "f1"}))
        assert (found.tail, found.version) == ((), 5)

    def test_a_state_of_other_code_is_folded_again_from_the_first(self, five: Journal) -> None:
        keep(five, THREE)
        found = drive(five.load(BURNS, "", {"Ticket": "f2"}))
        assert (dict(found.snapshots), firsts(found.tail)) == ({}, [1, 2, 3, 4, 5])

    def test_the_tail_begins_after_the_oldest_of_the_states(self, five: Journal) -> None:
        keep(five, THREE)
        keep(five, THREE._replace(version=4), "Audit")
        both = drive(five.load(BURNS, "", {"Ticket": "f1", "Audit": "f1"}))
        assert (len(both.snapshots), firsts(both.tail)) == (2, [4, 5])
        one = drive(five.load(BURNS, "", {"Audit": "f1"}))
        assert (list(one.snapshots), firsts(one.tail)) == (["Audit"], [5])

    def test_a_state_without_a_snapshot_needs_all_records(self, five: Journal) -> None:
        keep(five, THREE)
        found = drive(five.load(BURNS, "", {"Ticket": "f1", "Audit": "f1"}))
        assert (list(found.snapshots), firsts(found.tail)) == (["Ticket"], [1, 2, 3, 4, 5])

    def test_a_newer_one_stays_whoever_writes_later(self, five: Journal) -> None:
        keep(five, THREE)
        keep(five, Snapshot(2, "f1", b"older"))
        keep(five, Snapshot(2, "f2", b"older, by other code"))
        assert kept(five, "f1") == THREE
        newer = Snapshot(4, "f1", b"newer")
        keep(five, newer)
        assert kept(five, "f1") == newer

    def test_other_code_has_the_last_word_at_the_same_version(self, five: Journal) -> None:
        keep(five, THREE)
        other = Snapshot(3, "f2", b"folded otherwise")
        keep(five, other)
        assert (kept(five, "f1"), kept(five, "f2")) == (None, other)

    def test_one_that_is_not_to_be_believed_is_forgotten(self, five: Journal) -> None:
        """Whatever its version: then another one takes its place, an older one too."""
        wrong = Snapshot(9, "f1", b"never so")
        keep(five, wrong)
        drive(five.forget(BURNS, "Ticket", wrong))
        assert kept(five, "f1") is None
        keep(five, THREE)
        assert kept(five, "f1") == THREE

    @pytest.mark.parametrize(
        "other",
        [THREE._replace(version=2), THREE._replace(fingerprint="f2"), THREE._replace(cells=b"{}")],
    )
    def test_another_one_than_that_stays(self, five: Journal, other: Snapshot) -> None:
        keep(five, THREE)
        drive(five.forget(BURNS, "Ticket", other))
        drive(five.forget(BURNS, "Audit", THREE))
        drive(five.forget(SMOKES, "Ticket", THREE))
        assert kept(five, "f1") == THREE

    def test_snapshots_of_aggregates_are_apart(self, five: Journal) -> None:
        keep(five, THREE)
        assert kept(five, "f1", SMOKES) is None
        assert kept(five, "f1", BURNS._replace(tenant="other")) is None

    def test_a_snapshot_of_350_kb_comes_back_whole(self, five: Journal) -> None:
        large = THREE._replace(cells=bytes(range(256)) * 1400)
        keep(five, large)
        assert kept(five, "f1") == large

    def test_snapshot_and_tail_are_of_one_moment(self, five: Journal) -> None:
        done = Event()

        def write(_: int) -> int:
            try:
                for version in range(6, 150):
                    commit(five, record(version))
                    keep(five, Snapshot(version, "f1", b"%d" % version))
            finally:
                done.set()
            return 0

        def read(_: int) -> int:
            torn = 0
            while not done.is_set():
                found = drive(five.load(BURNS, "", {"Ticket": "f1"}))
                known = found.snapshots.get("Ticket", Snapshot(0, "", b"")).version
                torn += firsts(found.tail) != list(range(known + 1, found.version + 1))
            return torn

        assert threads(3, lambda number: read(number) if number else write(number)) == [0] * 3
