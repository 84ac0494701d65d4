"""The journal in memory keeps the contract, can be copied and compared, and is weak by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Claims, Once, Snapshot, Verdict
from mainstem.ports import Journal as Port
from mainstem.ports.journal import SLOTS, slot_of
from mainstem.protocol.drive import drive
from mainstem.sim.stores.journal import DAY_US, Journal
from tests.contracts.desk import BURNS, NOON, SMOKES, commit, firsts, hinted, loaded, record, tried
from tests.contracts.journal import JournalContract
from tests.local import ledger
from tests.sim.served import Ports, Served, served

T = TypeVar("T")
Step = Callable[[Port], Any]


def opened(port: Ports) -> Port:
    return cast("Port", port("journal"))


@pytest.fixture
def opening() -> Iterator[Served]:
    with served({"journal": Journal()}, opened) as opening:
        yield opening


class TestJournal(JournalContract):
    pass


class Fate:
    """Lets some weaknesses show themselves, so many times, and remembers what it was asked."""

    def __init__(self, *due: str, choice: int = 0) -> None:
        self.due, self.choice = list(due), choice
        self.asked: list[str] = []

    def happens(self, what: str) -> bool:
        self.asked.append(what)
        if what not in self.due:
            return False
        self.due.remove(what)
        return True

    def pick(self, some: Sequence[T]) -> T:
        return some[self.choice]


HERE = slot_of(BURNS)
OTHERS = BURNS._replace(tenant="other")
WHO = (BURNS, SMOKES, OTHERS)
COMMANDS = ("open", "close", "burn", "smoke")
CLAIMS = (Claim("Ticket.name", '["ann"]'), Claim("Ticket.name", '["bob"]'), Claim("Seat.at", "1"))
KEYS = (Once("main", "retry-me", "d1"), Once("main", "retry-me", "d2"), Once("other", "me", "d1"))
FINGERPRINTS = ("f1", "f2")


def hints(journal: Journal, before: int = NOON + 1, limit: int = 9) -> list[int]:
    return [hint.first for hint in drive(journal.hints(HERE, before, limit))]


def ids(journal: Journal, after: str = "", limit: int = 9) -> list[str]:
    return [one.aggregate.id for one in drive(journal.touched(after, limit))]


# Every call, as a step that a journal can be taken through.


def commits(
    journal: Port,
    of: Aggregate,
    ahead: int,
    many: int,
    taken: Claims,
    once: Once | None,
    **more: Any,
) -> Verdict:
    one = record(loaded(journal, of).version + ahead, *[b"{}"] * many, of=of, **more)
    return tried(journal, one, taken, once)


def marks(journal: Port, of: Aggregate, firsts: tuple[int, ...]) -> None:
    drive(journal.mark(of, firsts))


def keeps(journal: Port, of: Aggregate, state: str, snapshot: Snapshot) -> None:
    drive(journal.keep(of, state, snapshot))


def claims(
    journal: Port, of: Aggregate, behind: int, some: frozenset[Claim]
) -> frozenset[Claim] | None:
    found = drive(journal.claim(of, loaded(journal, of).version - behind, "Ticket", some))
    return None if found is None else frozenset(found)


def told(journal: Port) -> list[Any]:
    """All that can be asked without changing anything."""
    states = [{"Ticket": one, "Audit": other} for one in FINGERPRINTS for other in FINGERPRINTS]
    return [
        *(
            drive(journal.load(of, asked, some))
            for of in WHO
            for asked in COMMANDS
            for some in states
        ),
        *(drive(journal.load(of, "", {state: "f1"})) for of in WHO for state in states[0]),
        *(drive(journal.records(of, after, 2)) for of in WHO for after in range(5)),
        *(drive(journal.unpublished(of)) for of in WHO),
        *(drive(journal.hints(slot, NOON + 1, 3)) for slot in {slot_of(of) for of in WHO}),
        *(drive(journal.touched(after, limit)) for after in ("", "1", "3") for limit in (1, 9)),
        *(drive(journal.kept(once)) for once in KEYS),
    ]


def holders(journal: Journal) -> list[Any]:
    """Who is granted which claim, strangers too, each asked of a journal of its own."""
    asking = (*WHO, *(of._replace(id="a stranger") for of in WHO))
    return [claims(journal.copy(), of, 0, frozenset({one})) for of in asking for one in CLAIMS]


who, some = st.sampled_from(WHO), st.frozensets(st.sampled_from(CLAIMS), max_size=2)
one_commit = st.builds(
    partial,
    st.just(commits),
    of=who,
    ahead=st.sampled_from((1, 1, 1, 1, 0, 2)),
    many=st.integers(1, 2),
    taken=st.builds(Claims, some, some),
    once=st.none() | st.sampled_from(KEYS),
    command=st.just("") | st.sampled_from(COMMANDS),
    at=st.sampled_from((NOON - 1, NOON, NOON + 1, NOON + 2 * DAY_US)),
)
one_snapshot = st.builds(
    Snapshot, st.integers(0, 4), st.sampled_from(FINGERPRINTS), st.sampled_from((b"{}", b"[]"))
)
steps = st.lists(
    one_commit
    | st.builds(partial, st.just(marks), of=who, firsts=st.tuples(st.integers(1, 4)))
    | st.builds(
        partial,
        st.just(keeps),
        of=who,
        state=st.sampled_from(("Ticket", "Audit")),
        snapshot=one_snapshot,
    )
    | st.builds(partial, st.just(claims), of=who, behind=st.integers(0, 1), some=some),
    max_size=30,
)


@given(taken=steps)
@settings(max_examples=40)
def test_it_answers_as_the_one_in_a_file_does(
    tmp_path_factory: pytest.TempPathFactory, taken: list[Step]
) -> None:
    journal = Journal()
    with ledger.journal(ledger.truth(tmp_path_factory.mktemp("file"))) as file:
        for step in taken:
            assert step(journal) == step(file)
        assert told(journal) == told(file)


@given(taken=steps, data=st.data())
def test_keys_are_equal_exactly_where_all_answers_are(
    taken: list[Step], data: st.DataObject
) -> None:
    one, other = Journal(), Journal()
    for step in taken:
        step(one)
    for step in data.draw(st.permutations(taken)):
        step(other)
    alike = told(one) == told(other) and holders(one) == holders(other)
    assert (one.key() == other.key()) == alike
    assert not alike or hash(one.key()) == hash(other.key())


@given(before=steps, after=steps)
def test_a_copy_goes_on_by_itself(before: list[Step], after: list[Step]) -> None:
    original, again = Journal(), Journal()
    for step in before:
        assert step(original) == step(again)
    key, answers, copy = original.key(), told(original), original.copy()
    assert copy.key() == key
    for step in after:
        assert step(copy) == step(again)
    assert copy.key() == again.key()
    assert (original.key(), told(original)) == (key, answers)
    assert told(copy) == told(again)


def test_whoever_comes_to_the_same_in_another_order_has_the_same_key() -> None:
    one, other = Journal(), Journal()
    for journal, order in ((one, (1, 2)), (other, (2, 1))):
        commit(journal, record(1), record(2))
        for n in order:
            drive(journal.mark(BURNS, (n,)))
            drive(journal.keep(BURNS, f"State{n}", Snapshot(n, "f", b"{}")))
            drive(journal.claim(SMOKES, 0, f"State{n}", frozenset({Claim(f"State{n}.x", "1")})))
    assert one.key() == other.key()
    assert hash(one.key()) == hash(other.key())


def test_who_was_touched_first_tells_journals_apart() -> None:
    one, other = Journal(), Journal()
    commit(one, record(1), record(1, of=SMOKES))
    commit(other, record(1, of=SMOKES), record(1))
    assert one.key() != other.key()


def test_what_is_held_and_by_whom_tells_journals_apart() -> None:
    journals = [Journal() for _ in range(3)]
    for journal, holder in zip(journals, (BURNS, SMOKES), strict=False):
        claims(journal, holder, 0, frozenset(CLAIMS))
    assert len({journal.key() for journal in journals}) == 3


def test_what_a_key_was_used_for_tells_journals_apart() -> None:
    journals = [Journal() for _ in range(3)]
    for journal, once in zip(journals, (None, *KEYS[:2]), strict=True):
        assert tried(journal, record(1), once=once) is Verdict.COMMITTED
    assert len({journal.key() for journal in journals}) == 3


def test_what_is_marked_twice_counts_once() -> None:
    journal = Journal()
    commit(journal, *(record(n) for n in (1, 2, 3)))
    drive(journal.mark(BURNS, (1, 1)))
    drive(journal.mark(BURNS, (1, 2)))
    assert loaded(journal).unpublished == 1


def test_a_record_is_unpublished_until_it_is_marked_whatever_it_says() -> None:
    journal = Journal()
    commit(journal, record(1)._replace(published=True))
    assert drive(journal.unpublished(BURNS)) == (record(1),)


def test_an_index_may_miss_a_hint() -> None:
    fate = Fate("hint missed")
    journal = Journal(fate)
    commit(journal, *(record(n) for n in (1, 2, 3)))
    assert hints(journal) == [2, 3]
    assert hints(journal) == [1, 2, 3]
    assert fate.asked == ["hint missed"] * 6


def test_chance_is_asked_about_what_would_be_shown_only() -> None:
    fate = Fate()
    journal = Journal(fate)
    commit(journal, record(1), record(2), record(3, at=NOON + 1))
    assert hints(journal, limit=1) == [1]
    assert hints(journal, before=NOON) == []
    assert fate.asked == ["hint missed"]


def test_an_index_may_still_hint_at_what_was_marked() -> None:
    journal = Journal(Fate("hint stale", "hint stale", "hint stale"))
    commit(journal, *(record(n, at=NOON - 10 + n) for n in range(1, 8)))
    drive(journal.mark(BURNS, (1, 2, 3, 5)))
    assert hints(journal) == [2, 4, 6, 7]  # of the last three marked
    assert hints(journal, before=NOON - 5) == [1, 4]
    assert hints(journal, limit=2) == [2, 4]
    assert hints(journal) == [4, 6, 7]


def test_which_of_those_that_were_marked_is_left_to_chance() -> None:
    journal = Journal(Fate("hint stale", choice=-1))
    commit(journal, *(record(n, at=NOON - 10 + n) for n in range(1, 5)))
    drive(journal.mark(BURNS, (1, 3)))
    assert hints(journal) == [2, 3, 4]


def test_what_is_too_young_or_was_never_marked_is_no_stale_hint() -> None:
    fate = Fate("hint stale")
    journal = Journal(fate)
    commit(journal, record(1, at=NOON + 1), record(2))
    assert hints(journal) == [2]
    drive(journal.mark(BURNS, (1,)))
    assert hints(journal) == [2]
    assert "hint stale" not in fate.asked


def test_a_stale_hint_stays_in_its_slot() -> None:
    journal = Journal(Fate(*["hint stale"] * SLOTS))
    commit(journal, record(1), record(1, of=SMOKES))
    drive(journal.mark(BURNS, (1,)))
    assert hinted(journal) == {(BURNS, 1), (SMOKES, 1)}


@pytest.mark.parametrize(("choice", "shown"), [(0, "ab"), (1, "abc"), (2, "abcd")])
def test_what_was_touched_last_may_be_shown_late(choice: int, shown: str) -> None:
    journal = Journal(Fate("touched late", choice=choice))
    commit(journal, *(record(1, of=BURNS._replace(id=id)) for id in "abcde"))
    assert ids(journal) == list(shown)
    assert ids(journal) == list("abcde")


def test_what_was_touched_long_ago_is_never_late() -> None:
    fate = Fate("touched late", choice=-1)
    journal = Journal(fate)
    commit(journal, *(record(1, of=BURNS._replace(id=id)) for id in "abcde"))
    assert ids(journal, limit=2) == ["a", "b"]
    assert ids(journal, after="5") == []
    assert fate.asked == []
    assert ids(journal, limit=3) == ["a", "b"]


def test_what_is_read_strongly_is_never_left_to_chance() -> None:
    fate = Fate()
    journal = Journal(fate)
    assert tried(journal, record(1), once=KEYS[0]) is Verdict.COMMITTED
    assert loaded(journal).version == 1
    assert drive(journal.kept(KEYS[0])) == ("d1", record(1))
    assert firsts(drive(journal.records(BURNS, 0, 9))) == [1]
    assert firsts(drive(journal.unpublished(BURNS))) == [1]
    assert claims(journal, BURNS, 0, frozenset(CLAIMS)) == frozenset()
    assert fate.asked == []


def test_chance_is_shared_with_copies() -> None:
    journal = Journal(Fate("hint missed"))
    commit(journal, record(1))
    copy = journal.copy()
    assert hints(copy) == []
    assert hints(journal) == [1]


def test_an_event_that_is_two_lines_is_refused() -> None:
    journal = Journal()
    with pytest.raises(AssertionError, match="one line"):
        tried(journal, record(1, b"{}\n{}"))
    assert loaded(journal).version == 0
