"""Hints, marks and heads: what has not left for the feed, and what was touched."""

from __future__ import annotations

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Journal, Touched
from mainstem.ports.journal import SLOTS
from mainstem.protocol.drive import drive
from tests.contracts.desk import (
    BURNS,
    NOON,
    SMOKES,
    Desk,
    Opening,
    commit,
    firsts,
    hinted,
    loaded,
    record,
)


def slots(journal: Journal) -> dict[Aggregate, int]:
    """Where each aggregate is hinted at."""
    return {
        hint.aggregate: slot
        for slot in range(SLOTS)
        for hint in drive(journal.hints(slot, NOON + 1, 1_000))
    }


def touched(journal: Journal, limit: int) -> list[Touched]:
    """All heads, in pages."""
    found: list[Touched] = []
    while page := drive(journal.touched(found[-1].place if found else "", limit)):
        assert len(page) <= limit
        found += page
    return found


class HintsContract(Desk):
    """A subclass brings `opening`."""

    def test_what_was_committed_is_hinted_at_until_it_is_marked(self, journal: Journal) -> None:
        commit(journal, record(1), record(2), record(1, of=SMOKES))
        assert hinted(journal) == {(BURNS, 1), (BURNS, 2), (SMOKES, 1)}
        drive(journal.mark(BURNS, (1, 2)))
        assert hinted(journal) == {(SMOKES, 1)}

    def test_hints_are_older_than_what_was_asked(self, journal: Journal) -> None:
        commit(journal, record(1, at=NOON), record(2, at=NOON + 5))
        assert hinted(journal, before=NOON) == set()
        assert hinted(journal, before=NOON + 1) == {(BURNS, 1)}
        assert hinted(journal, before=NOON + 6) == {(BURNS, 1), (BURNS, 2)}

    def test_hints_come_the_oldest_first_and_no_more_than_were_asked_for(
        self, journal: Journal
    ) -> None:
        commit(journal, *(record(n, at=NOON - 10 + n) for n in range(1, 6)))
        slot = slots(journal)[BURNS]
        assert [hint.first for hint in drive(journal.hints(slot, NOON, 3))] == [1, 2, 3]

    def test_an_aggregate_is_hinted_at_in_one_slot_for_ever(self, opening: Opening) -> None:
        many = [Aggregate("main", "tickets", f"t{n}") for n in range(100)]
        with opening() as journal:
            commit(journal, *(record(1, of=one) for one in many))
            before = slots(journal)
        with opening() as again:
            commit(again, *(record(2, of=one) for one in many))
            assert slots(again) == before
        assert len(set(before.values())) > SLOTS / 2  # spread, so that nothing waits for a slot

    def test_exactly_the_records_marked_are_published(self, journal: Journal) -> None:
        commit(journal, *(record(n) for n in range(1, 6)), record(1, of=SMOKES))
        drive(journal.mark(BURNS, (2, 4)))
        published = {one.first for one in drive(journal.records(BURNS, 0, 9)) if one.published}
        assert published == {2, 4}
        assert hinted(journal) == {(BURNS, 1), (BURNS, 3), (BURNS, 5), (SMOKES, 1)}

    def test_unpublished_are_the_newest_back_to_the_last_published_one(
        self, journal: Journal
    ) -> None:
        commit(journal, *(record(n) for n in range(1, 6)))
        assert firsts(drive(journal.unpublished(BURNS))) == [1, 2, 3, 4, 5]
        drive(journal.mark(BURNS, (3,)))
        assert firsts(drive(journal.unpublished(BURNS))) == [4, 5]
        drive(journal.mark(BURNS, (5,)))
        assert drive(journal.unpublished(BURNS)) == ()
        assert drive(journal.unpublished(SMOKES)) == ()

    def test_marking_twice_or_what_is_not_there_changes_nothing(self, journal: Journal) -> None:
        commit(journal, record(1, b"1", b"2"))
        drive(journal.mark(BURNS, (2, 3)))
        assert firsts(drive(journal.unpublished(BURNS))) == [1]
        for _ in range(2):
            drive(journal.mark(BURNS, (1,)))
        drive(journal.mark(BURNS, ()))
        assert drive(journal.unpublished(BURNS)) == ()

    def test_loading_counts_what_is_unpublished(self, journal: Journal) -> None:
        commit(journal, *(record(n) for n in range(1, 61)), record(1, of=SMOKES))
        assert loaded(journal).unpublished == 60
        drive(journal.mark(BURNS, tuple(range(1, 59))))
        assert loaded(journal).unpublished == 2
        assert loaded(journal, SMOKES).unpublished == 1

    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_touched_are_all_in_the_order_of_their_latest_commits(
        self, journal: Journal, limit: int
    ) -> None:
        other = BURNS._replace(tenant="other")
        commit(journal, record(1), record(1, of=SMOKES, at=NOON + 1), record(1, of=other))
        commit(journal, record(2, b"2", b"3", at=NOON + 2))
        latest = {one.aggregate: (one.version, one.at) for one in touched(journal, limit)}
        assert latest == {SMOKES: (1, NOON + 1), other: (1, NOON), BURNS: (3, NOON + 2)}
        assert list(latest) == [SMOKES, other, BURNS]

    def test_touched_goes_on_from_a_place_for_ever(self, opening: Opening) -> None:
        with opening() as journal:
            assert touched(journal, 9) == []
            commit(journal, record(1), record(1, of=SMOKES))
            place = touched(journal, 9)[-1].place
            assert drive(journal.touched(place, 9)) == ()
        with opening() as again:
            assert drive(again.touched(place, 9)) == ()
            commit(again, record(2))
            (found,) = drive(again.touched(place, 9))
            assert (found.aggregate, found.version) == (BURNS, 2)

    def test_a_mark_touches_nothing(self, journal: Journal) -> None:
        commit(journal, record(1))
        place = touched(journal, 9)[-1].place
        drive(journal.mark(BURNS, (1,)))
        assert drive(journal.touched(place, 9)) == ()
