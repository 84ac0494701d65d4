"""Answers: whatever is asked twice is decided once, and answered the same."""

from __future__ import annotations

from mainstem.ports import Journal, Kept, Once, Snapshot, Verdict
from mainstem.protocol.drive import drive
from tests.contracts.desk import BURNS, NO_CLAIMS, SMOKES, Desk, commit, loaded, record, tried

ONCE = Once("main", "retry-me", "digest of what was asked")


class AnswersContract(Desk):
    """A subclass brings `opening`."""

    def test_a_command_finds_its_own_record_however_long_ago(self, journal: Journal) -> None:
        asked = record(1, command="asked-first")
        commit(journal, asked, *(record(first) for first in range(2, 40)))
        drive(journal.keep(BURNS, "Ticket", Snapshot(39, "f", b"{}")))
        found = drive(journal.load(BURNS, "asked-first", {"Ticket": "f"}))
        assert (found.tail, found.answered) == ((), asked)

    def test_a_command_that_was_not_heard_has_no_answer(self, journal: Journal) -> None:
        commit(journal, record(1, command="heard"))
        assert loaded(journal, command="unheard").answered is None
        assert loaded(journal, command="hear").answered is None

    def test_a_command_is_decided_once(self, journal: Journal) -> None:
        commit(journal, record(1, command="close"))
        assert tried(journal, record(2, command="close")) is Verdict.LOST
        assert loaded(journal).tail == (record(1, command="close"),)

    def test_a_command_may_concern_several_aggregates(self, journal: Journal) -> None:
        here, there = record(1, command="close"), record(1, command="close", of=SMOKES)
        commit(journal, here, there)
        assert loaded(journal, BURNS, "close").answered == here
        assert loaded(journal, SMOKES, "close").answered == there

    def test_a_request_finds_its_answer_by_its_key(self, journal: Journal) -> None:
        assert drive(journal.kept(ONCE)) is None
        assert tried(journal, record(1), once=ONCE) is Verdict.COMMITTED
        commit(journal, record(2))
        assert drive(journal.kept(ONCE)) == Kept(ONCE.digest, record(1))

    def test_a_key_with_another_request_is_told_apart(self, journal: Journal) -> None:
        assert tried(journal, record(1), once=ONCE) is Verdict.COMMITTED
        kept = drive(journal.kept(ONCE._replace(digest="of something else")))
        assert kept is not None
        assert kept.digest == ONCE.digest

    def test_a_key_is_used_once_whatever_it_is_used_for(self, journal: Journal) -> None:
        assert tried(journal, record(1), once=ONCE) is Verdict.COMMITTED
        for late in (record(2), record(1, of=SMOKES)):
            assert tried(journal, late, once=ONCE) is Verdict.LOST
        assert loaded(journal, SMOKES).version == 0
        assert drive(journal.kept(ONCE)) == Kept(ONCE.digest, record(1))

    def test_keys_belong_to_a_tenant(self, journal: Journal) -> None:
        elsewhere = ONCE._replace(tenant="other")
        there = record(1, of=BURNS._replace(tenant="other"))
        assert tried(journal, record(1), once=ONCE) is Verdict.COMMITTED
        assert drive(journal.kept(elsewhere)) is None
        assert tried(journal, there, NO_CLAIMS, elsewhere) is Verdict.COMMITTED
        assert drive(journal.kept(elsewhere)) == Kept(ONCE.digest, there)

    def test_a_kept_answer_says_whether_its_record_is_published(self, journal: Journal) -> None:
        assert tried(journal, record(1), once=ONCE) is Verdict.COMMITTED
        drive(journal.mark(BURNS, (1,)))
        assert drive(journal.kept(ONCE)) == Kept(ONCE.digest, record(1)._replace(published=True))
