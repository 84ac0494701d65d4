"""given/when/then: a rule in one sentence, and a story where it does not hold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from mainstem import (
    Answer,
    Command,
    Digits,
    Effect,
    Event,
    Mail,
    Refused,
    State,
    TooSoon,
    View,
    anyone,
    at,
    by,
    count,
    first,
    flag,
    last,
    later,
    on,
    readers,
    role,
    says,
)
from mainstem.testing import DAWN, digits, fresh, given

DAY = timedelta(days=1)


class Lent(Event):
    reader: str


class Returned(Event):
    late: bool = False


class Missed(Event):
    pass


class Reader(State, key=Lent.reader):
    times = count(Lent)


class Loan(View, key=Lent.reader):
    times = count(Lent)
    since = first(at(Lent))

    seen_by = readers(State.key, role("librarian"))


class Book(View):
    reader = last(Lent.reader, says(None, Returned))
    out = flag(on=Lent, off=Returned)
    lent_at = last(at(Lent))
    due_at = later(lent_at, days=14, where=out)
    loans = count(Lent)
    missed = count(Missed)
    _clerk = last(by(Lent))

    seen_by = readers(anyone, where=out)


class Lend(Command[Book], starts=True):
    reader: str

    def decide(self, book: Book) -> Answer[str]:
        if book.out:
            raise Refused("it is out", records=Missed())
        if book.lent_at is not None and self.at < book.lent_at + DAY:
            raise TooSoon("let it rest a day", until=book.lent_at + DAY)
        yield Lent(reader=self.reader)
        return self.fresh("slip")


class Return(Command[Book], by=Book.reader):
    code: str = ""

    def decide(self, book: Book) -> Iterator[Event]:
        if self.code and not self.proves(the_code(book), self.code):
            raise Refused("wrong code")
        if book.out:
            yield Returned()


class Recall(Command[Book], at=Book.due_at):
    def decide(self, book: Book) -> Iterator[Event]:
        yield Returned(late=True)


@on(Lent)
def remind(lent: Lent, book: Book) -> Iterator[Effect]:
    yield Mail(lent.reader, template="due", data={"loans": book.loans})


def the_code(book: Book) -> Digits:
    return Digits(4, of=book.loans)


lent = Lent(reader="ann")
out = given(lent)


def failure(check: object) -> str:
    assert callable(check)
    with pytest.raises(AssertionError) as raised:
        check()
    return str(raised.value)


def test_what_is_given_is_folded_and_what_is_asked_is_decided() -> None:
    given().when(Lend(reader="ann")).then(lent)
    out.when(Return()).then(Returned())
    out.given(Returned()).when(Return(), by="ann").refused("ann may not Return")


def test_time_and_caller_are_the_tests_to_say() -> None:
    back = out.given(Returned(), at=DAWN + DAY, by="bob")
    assert [h.at for h in back.history] == [DAWN, DAWN + DAY]
    assert [(h.by, h.version) for h in back.history] == [("ann", 1), ("bob", 2)]
    soon = back.when(Lend(reader="eve"), at=DAWN + timedelta(hours=3))
    soon.refused("let it rest", until=DAWN + DAY)
    back.when(Lend(reader="eve"), at=DAWN + DAY).then(Lent(reader="eve"))


def test_a_refusal_is_known_by_its_words_and_what_it_records() -> None:
    out.when(Lend(reader="eve")).refused("it is out", records=Missed())
    assert "recorded" in failure(lambda: out.when(Lend(reader="eve")).refused("it is out"))
    assert "in which words" in failure(lambda: out.when(Lend(reader="eve")).refused(""))


def test_ids_are_the_same_for_the_same_command() -> None:
    slip = fresh(Book, "slip")
    given().when(Lend(reader="ann")).answers(slip).answers(slip)
    other = given().when(Lend(reader="ann"), command_id=uuid.UUID(int=8))
    assert "expected\n    the answer" in failure(lambda: other.answers(slip))


def test_what_follows_can_be_seen_and_gone_on_from() -> None:
    book = given().when(Lend(reader="ann"), at=DAWN + DAY).seen(Book)
    assert (book.reader, book.lent_at, book.version) == ("ann", DAWN + DAY, 1)
    back = given().when(Lend(reader="ann")).next().when(Return()).next()
    back.when(Return(), by="").refused("nobody may not Return")


def test_effects_are_those_of_the_state_just_after() -> None:
    mail = Mail("ann", template="due", data={"loans": 1})
    given().when(Lend(reader="ann")).does(mail)
    given().when(Lend(reader="ann")).then(lent).does(mail, of=remind)
    out.when(Return()).does()


def test_the_clock_asks_when_it_is_due() -> None:
    due = DAWN + timedelta(days=14)
    out.clock(due, Recall).then(Returned(late=True))
    assert "not by" in failure(lambda: out.clock(due - DAY, Recall))
    assert "not due at all" in failure(lambda: out.given(Returned()).clock(due, Recall))
    assert "has no at=" in failure(lambda: out.clock(due, Return))
    out.when(Recall(), by="ann").refused("ann may not Recall")


def test_rows_of_a_key_and_who_may_read_them() -> None:
    lends = given(lent, Lent(reader="bob"), lent)
    assert {key: loan.times for key, loan in lends.rows(Loan).items()} == {"ann": 2, "bob": 1}
    assert [loan.key for loan in lends.readable(Loan, by="bob")] == ["bob"]
    assert lends.readable(Loan, by="") == ()
    assert [loan.key for loan in lends.readable(Loan, by="eve", roles={"librarian"})] == [
        "ann",
        "bob",
    ]
    assert len(out.readable(Book, by="")) == 1
    assert out.given(Returned()).readable(Book) == ()


def test_digits_are_known_to_tests_and_to_nobody_else() -> None:
    code = digits(the_code(out.seen(Book)), of=Book)
    assert (len(code), code.isdigit()) == (4, True)
    out.when(Return(code=code)).then(Returned())
    wrong = "0000" if code != "0000" else "1111"
    out.when(Return(code=wrong)).refused("wrong code")
    assert digits(the_code(out.seen(Book)), of=Book, id="b") != code


def test_a_broken_promise_is_told_as_a_story() -> None:
    told = failure(lambda: out.when(Lend(reader="eve"), by="bob").then(Lent(reader="eve")))
    assert told == STORY


STORY = """
given
    1  Lent(reader='ann')  by ann

so that
    Book at version 1
    reader = 'ann'
    out = True
    lent_at = datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    due_at = datetime.datetime(2026, 1, 15, 0, 0, tzinfo=datetime.timezone.utc)
    loans = 1
    missed = 0
    _clerk = 'ann'

when
    Lend(reader='eve')
    by bob at 2026-01-01T00:00:00+00:00

expected
    Lent(reader='eve')

but happened
    refused: it is out
    and recorded: Missed()"""


def test_effects_that_did_not_follow_are_told_too() -> None:
    told = failure(lambda: given().when(Lend(reader="ann"), roles={"vip"}).does())
    assert told.startswith("\ngiven\n    nothing\n\nso that\n    Book at version 0\n")
    assert "by ann with roles vip at" in told
    assert told.endswith(
        "\nwith effects\n    Mail(to='ann', template='due', data={'loans': 1}, links={})"
    )


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: out.when(Return()).then(), ["expected\n    nothing", "happened\n    Returned("]),
        (lambda: out.when(Return()).refused("no"), ["refused: …no…", "happened\n    Returned("]),
        (lambda: out.when(Return()).answers("x"), ["the answer 'x'", "happened\n    Returned("]),
        (
            lambda: out.when(Return(), by="").then(),
            ["forbidden: nobody may not Return", "by nobody"],
        ),
        (lambda: given().when(Return()).then(), ["missing: no such book", "given\n    nothing"]),
        (lambda: out.when(Return(), by="eve").next(), ["expected\n    granted", "forbidden: eve"]),
        (
            lambda: out.given(Returned()).when(Lend(reader="x")).refused("soon", until=DAWN),
            ["toosoon: let it rest a day", "until: 2026-01-02T00:00:00+00:00"],
        ),
        (lambda: given(Lent), ["a history holds events"]),  # type: ignore[arg-type]
        (lambda: out.when(Return), ["say a command"]),  # type: ignore[arg-type]
        (lambda: out.seen(Stranger), ["is of", "but Stranger of elsewhere"]),
    ],
)
def test_every_check_says_what_it_wanted_and_what_it_got(check: object, words: list[str]) -> None:
    told = failure(check)
    for word in words:
        assert word in told


class Stranger(State):
    """As if another file had declared it."""


Stranger.__module__ = "elsewhere"


def test_naive_times_are_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        given(lent, at=datetime(2026, 1, 1)).seen(Book)  # noqa: DTZ001
