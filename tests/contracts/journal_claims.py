"""Claims: a value that one aggregate holds, in the very transaction of its commit."""

from __future__ import annotations

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Claims, Journal, Once, Verdict
from mainstem.protocol.drive import drive
from tests.contracts.desk import BURNS, SMOKES, Desk, claimed, loaded, record, tried

ANN = Claim("Person.names", '["ann"]')
BOB = Claim("Person.names", '["bob"]')


def takes(*claims: Claim) -> Claims:
    return Claims(taken=frozenset(claims))


def held(journal: Journal, *claims: Claim) -> set[Claim]:
    """Those that a stranger is not granted. What it is granted, it holds from now on."""
    stranger = Aggregate("main", "tickets", "a stranger")
    return claimed(journal, stranger, *claims)


class ClaimsContract(Desk):
    """A subclass brings `opening`."""

    def test_what_another_holds_is_taken(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        assert tried(journal, record(1, of=SMOKES), takes(ANN)) is Verdict.TAKEN

    def test_what_is_taken_leaves_nothing_behind(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        once = Once("main", "retry-me", "digest")
        late = record(1, of=SMOKES)
        assert tried(journal, late, takes(ANN, BOB), once) is Verdict.TAKEN
        assert loaded(journal, SMOKES).version == 0
        assert drive(journal.kept(once)) is None
        assert held(journal, BOB) == set()

    def test_ones_own_claim_is_made_again(self, journal: Journal) -> None:
        for first in (1, 2):
            assert tried(journal, record(first), takes(ANN)) is Verdict.COMMITTED
        assert held(journal, ANN) == {ANN}

    def test_what_is_released_another_takes(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        moved = Claims(frozenset({BOB}), frozenset({ANN}))
        assert tried(journal, record(2), moved) is Verdict.COMMITTED
        assert tried(journal, record(1, of=SMOKES), takes(ANN)) is Verdict.COMMITTED
        assert held(journal, ANN, BOB) == {ANN, BOB}

    def test_released_and_taken_in_one_commit_is_held(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        both = Claims(frozenset({ANN}), frozenset({ANN}))
        assert tried(journal, record(2), both) is Verdict.COMMITTED
        assert held(journal, ANN) == {ANN}

    def test_nobody_releases_what_another_holds(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        theirs = Claims(released=frozenset({ANN}))
        assert tried(journal, record(1, of=SMOKES), theirs) is Verdict.COMMITTED
        assert held(journal, ANN) == {ANN}

    def test_a_commit_that_is_lost_releases_nothing(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        late = Claims(released=frozenset({ANN}))
        assert tried(journal, record(1, command="late"), late) is Verdict.LOST
        assert held(journal, ANN) == {ANN}

    @pytest.mark.parametrize(
        "other", [BURNS._replace(tenant="other"), BURNS._replace(domain="rooms")]
    )
    def test_tenants_and_domains_claim_for_themselves(
        self, journal: Journal, other: Aggregate
    ) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        assert tried(journal, record(1, of=other), takes(ANN)) is Verdict.COMMITTED

    def test_marks_and_values_are_apart(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        others = takes(BOB, Claim("seats", ANN.values), Claim("name", "s[ann]"))
        assert tried(journal, record(1, of=SMOKES), others) is Verdict.COMMITTED

    def test_a_claim_after_the_fact_is_granted_unless_another_holds_it(
        self, journal: Journal
    ) -> None:
        assert claimed(journal, BURNS, ANN) == set()
        assert claimed(journal, BURNS, ANN) == set()
        assert claimed(journal, SMOKES, ANN, BOB) == {ANN}
        assert held(journal, ANN, BOB) == {ANN, BOB}
        assert tried(journal, record(1, of=SMOKES), takes(BOB)) is Verdict.COMMITTED

    def test_who_is_not_granted_a_claim_is_told_who_holds_it(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        refused = drive(journal.claim(SMOKES, 0, "Person", frozenset({ANN, BOB})))
        assert refused == {ANN: BURNS.id}
        assert claimed(journal, SMOKES, ANN, BOB) == {ANN}

    def test_what_is_not_claimed_any_more_is_let_go_and_other_marks_stay(
        self, journal: Journal
    ) -> None:
        seat = Claim("Seat.taken", '["1a"]')
        assert tried(journal, record(1), takes(ANN, seat)) is Verdict.COMMITTED
        assert claimed(journal, BURNS, BOB) == set()
        assert held(journal, ANN, BOB, seat) == {BOB, seat}

    def test_claims_of_another_version_are_not_made(self, journal: Journal) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        for stale in (0, 2):
            assert drive(journal.claim(BURNS, stale, "Person", frozenset({BOB}))) is None
        assert held(journal, ANN, BOB) == {ANN}

    def test_whether_a_claim_is_taken_matters_only_where_the_record_follows(
        self, journal: Journal
    ) -> None:
        assert tried(journal, record(1), takes(ANN)) is Verdict.COMMITTED
        assert tried(journal, record(2, of=SMOKES), takes(ANN)) is Verdict.LOST
