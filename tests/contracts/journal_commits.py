"""Commits: written once, one after the other, without a hole; and read as they were written."""

from __future__ import annotations

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Claims, Journal, Once, Verdict
from mainstem.protocol.drive import drive
from tests.contracts.desk import (
    BURNS,
    NOON,
    SMOKES,
    Desk,
    Opening,
    claimed,
    commit,
    firsts,
    loaded,
    record,
    tried,
)


class CommitsContract(Desk):
    """A subclass brings `opening`."""

    def test_an_aggregate_nobody_heard_of_is_at_version_0(self, journal: Journal) -> None:
        assert loaded(journal).version == 0
        assert loaded(journal) == ({}, (), None, 0)
        assert drive(journal.records(BURNS, 0, 9)) == ()

    @pytest.mark.parametrize(
        "events",
        [(b'{"a":1}',), (b'{"a":1}', b'{"b":2}'), ('{"ключ":"🔥"}'.encode(),), (b"{}",) * 100],
        ids=["one", "two", "no-ascii", "hundred"],
    )
    def test_a_record_is_read_as_it_was_committed(
        self, journal: Journal, events: tuple[bytes, ...]
    ) -> None:
        burns = record(1, *events)
        commit(journal, burns)
        assert loaded(journal).tail == (burns,)
        assert drive(journal.records(BURNS, 0, 9)) == (burns,)
        assert drive(journal.unpublished(BURNS)) == (burns,)

    def test_a_record_of_256_kb_comes_back_whole(self, journal: Journal) -> None:
        long = record(1, *[b'"%s"' % (b"x" * 64_000)] * 4)
        commit(journal, long)
        drive(journal.mark(BURNS, (1,)))
        assert drive(journal.records(BURNS, 0, 9)) == (long._replace(published=True),)

    def test_the_next_record_follows_the_last_event(self, journal: Journal) -> None:
        commit(journal, record(1, b"1", b"2", b"3"), record(4), record(5, b"5", b"6"))
        assert firsts(loaded(journal).tail) == [1, 4, 5]
        assert loaded(journal).version == 6

    def test_a_version_is_written_once(self, journal: Journal) -> None:
        commit(journal, record(1, b'"first"'))
        assert tried(journal, record(1, b'"late"', command="late")) is Verdict.LOST
        assert loaded(journal).tail == (record(1, b'"first"'),)

    @pytest.mark.parametrize("first", [1, 2, 3, 5, 6, 100])
    def test_what_does_not_follow_is_lost(self, journal: Journal, first: int) -> None:
        commit(journal, record(1), record(2, b"2", b"3"))
        assert tried(journal, record(first, command="astray")) is Verdict.LOST
        assert firsts(loaded(journal).tail) == [1, 2]

    def test_nothing_begins_with_a_hole(self, journal: Journal) -> None:
        assert tried(journal, record(2)) is Verdict.LOST
        assert loaded(journal).version == 0

    def test_what_is_lost_leaves_nothing_behind(self, journal: Journal) -> None:
        commit(journal, record(1))
        ann = Claim("names", '["ann"]')
        once = Once("main", "retry-me", "digest")
        late = record(1, command="late")
        assert tried(journal, late, Claims(frozenset({ann})), once) is Verdict.LOST
        assert drive(journal.kept(once)) is None
        assert loaded(journal, command="late").answered is None
        assert claimed(journal, SMOKES, ann) == set()

    @pytest.mark.parametrize(
        "other",
        [
            SMOKES,
            BURNS._replace(tenant="other"),
            BURNS._replace(domain="rooms"),
            BURNS._replace(id="it-burn"),
            BURNS._replace(id="it-burnS"),
            Aggregate("main", "tickets", "it-burns/"),
        ],
    )
    def test_aggregates_are_apart(self, journal: Journal, other: Aggregate) -> None:
        commit(journal, record(1), record(1, of=other), record(2, of=other))
        assert loaded(journal).tail == (record(1),)
        assert loaded(journal, other).version == 2

    def test_names_that_only_look_alike_when_joined_are_apart(self, journal: Journal) -> None:
        twins = [Aggregate("a/b", "c", "d"), Aggregate("a", "b/c", "d"), Aggregate("a", "b", "c/d")]
        for twin in twins:
            commit(journal, record(1, of=twin))
        assert [loaded(journal, twin).version for twin in twins] == [1, 1, 1]

    @pytest.mark.parametrize("id", ["'; --", '"', "%", "ключ", "🔥", "a\tb", " ", "i" * 256])
    def test_an_id_is_any_text(self, journal: Journal, id: str) -> None:
        odd = Aggregate("main", "tickets", id)
        commit(journal, record(1, of=odd))
        assert loaded(journal, odd).tail == (record(1, of=odd),)

    def test_records_come_in_pages(self, journal: Journal) -> None:
        commit(journal, *(record(first) for first in range(1, 8)))
        found, after = [], 0
        while page := drive(journal.records(BURNS, after, 3)):
            assert len(page) <= 3
            found += firsts(page)
            after = page[-1].last
        assert found == [1, 2, 3, 4, 5, 6, 7]

    def test_records_go_on_with_the_one_that_holds_the_next_version(self, journal: Journal) -> None:
        commit(journal, record(1, b"1", b"2", b"3"), record(4))
        assert firsts(drive(journal.records(BURNS, 2, 9))) == [1, 4]
        assert firsts(drive(journal.records(BURNS, 3, 9))) == [4]
        assert firsts(drive(journal.records(BURNS, 4, 9))) == []

    def test_a_restart_changes_nothing(self, opening: Opening) -> None:
        ann = frozenset({Claim("names", '["ann"]')})
        once = Once("main", "retry-me", "digest")
        with opening() as journal:
            assert tried(journal, record(1), Claims(ann), once) is Verdict.COMMITTED
            drive(journal.mark(BURNS, (1,)))
            commit(journal, record(2))
        with opening() as again:
            both = (record(1)._replace(published=True), record(2))
            assert drive(again.records(BURNS, 0, 9)) == both
            assert drive(again.kept(once)) == ("digest", both[0])
            assert claimed(again, SMOKES, *ann) == ann
            assert drive(again.unpublished(BURNS)) == both[1:]

    def test_what_one_commits_another_loads_at_once(
        self, journal: Journal, opening: Opening
    ) -> None:
        with opening() as other:
            for version in range(1, 50):
                commit(journal, record(version, at=NOON + version))
                assert loaded(other).version == version
