"""Deciding: who may, what is refused, what follows; and that nothing else happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from mainstem import (
    Answer,
    Asked,
    Command,
    Event,
    Forbidden,
    Grant,
    Missing,
    Mistake,
    Refused,
    State,
    TooSoon,
    View,
    anyone,
    by,
    count,
    decided,
    distinct,
    keyed,
    last,
    may,
    role,
    signed_in,
    system,
)
from mainstem._decide import EVENTS_PER_COMMIT_MAX
from mainstem.testing import given

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Planted(Event):
    tree: str
    owner: str | None = None


class Watered(Event):
    pass


class Felled(Event):
    pass


class Helper(State, key=by(Watered)):
    times = count(Watered)


class Garden(View):
    owner = last(Planted.owner)
    trees = count(Planted)
    kinds = distinct(Planted.tree)
    friends = distinct(by(Planted))
    helpers = keyed(Helper)


class Plant(Command[Garden], starts=True, by=anyone, again=True):
    tree: str
    many: int = 1

    def decide(self, garden: Garden) -> Iterator[Event]:
        for _ in range(self.many):
            yield Planted(tree=self.tree)


class Fell(Command[Garden], by=(Garden.owner, Garden.helpers, role("forester"))):
    def decide(self, garden: Garden) -> Iterator[Event]:
        yield Felled()
        raise Refused("it stays", records=Watered())


class Do(Command[Garden], starts=True, again=True):
    """Whatever a test wants done."""

    what: str

    def decide(self, garden: Garden) -> Any:
        return DEEDS[self.what](self)


def nothing(_: Do) -> Iterator[Event]:
    yield from ()


def answers(value: object) -> Any:
    def deed(_: Do) -> Answer[Any]:
        yield Watered()
        return value

    return deed


class Stranger(Event):
    """As if another file had declared it."""


Stranger.__module__ = "elsewhere"
DEEDS: dict[str, Any] = {
    "nothing": nothing,
    "none": lambda do: None,
    "list": lambda do: [Watered(), Felled()],
    "one": lambda do: Watered(),
    "text": lambda do: "ab",
    "tuple": lambda do: (Watered(), "x"),
    "class": lambda do: [Watered],
    "stranger": lambda do: [Stranger()],
    "twice": lambda do: [Planted(tree=do.fresh()), Planted(tree=do.fresh())],
}
asked = Asked(at=NOW, by="ann")
garden = given(Planted(tree="oak", owner="ann"), by="bob")


def does(what: str, as_: Asked = asked) -> tuple[Event, ...]:
    return decided(Do(what=what), garden.seen(Garden), as_).events


def test_events_are_yielded_or_listed() -> None:
    assert decided(Plant(tree="oak", many=2), Garden(), asked).events == (Planted(tree="oak"),) * 2
    assert does("list") == (Watered(), Felled())
    assert does("nothing") == ()


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("none", "Do.decide returns NoneType; it yields events"),
        ("one", "Do.decide returns Watered; it yields events"),
        ("text", "Do yields 'a', which is no event"),
        ("tuple", "Do yields 'x', which is no event"),
        ("class", "Do yields .*Watered.*, which is no event"),
        ("stranger", "Do yields Stranger of elsewhere; tell it"),
        ("twice", "Do: fresh.*twice is the same id twice"),
    ],
)
def test_what_is_no_event_of_the_file_is_a_mistake(what: str, said: str) -> None:
    with pytest.raises(Mistake, match=said):
        does(what)


def test_a_refusal_takes_back_what_was_yielded_and_keeps_what_it_records() -> None:
    with pytest.raises(Refused, match="it stays") as no:
        decided(Fell(), garden.seen(Garden), asked)
    assert no.value.records == Watered()


@pytest.mark.parametrize("records", ["watered", Stranger()])
def test_a_refusal_records_an_event_of_the_file(records: Any) -> None:
    DEEDS["refuse"] = lambda do: (_ for _ in ()).throw(Refused("no", records=records))
    with pytest.raises(Mistake, match="Do yields"):
        does("refuse")


def test_a_commit_holds_only_so_many_events() -> None:
    most = Plant(tree="oak", many=EVENTS_PER_COMMIT_MAX)
    assert len(decided(most, Garden(), asked).events) == EVENTS_PER_COMMIT_MAX
    with pytest.raises(Refused, match="too much at once: more than 100 events"):
        decided(Plant(tree="oak", many=EVENTS_PER_COMMIT_MAX + 1), Garden(), asked)


@pytest.mark.parametrize("value", [None, "slip-1", 7, True, NOW, Grant(sub="ann", role="org")])
def test_an_answer_is_a_small_value(value: object) -> None:
    DEEDS["answer"] = answers(value)
    assert decided(Do(what="answer"), garden.seen(Garden), asked).answer == value


@pytest.mark.parametrize("value", [["a"], {"a": 1}, 1.5, Watered(), garden.seen(Garden)])
def test_an_answer_that_could_not_be_kept_is_a_mistake(value: object) -> None:
    DEEDS["answer"] = answers(value)
    with pytest.raises(Mistake, match=r"Do answers a \w+; an answer is small"):
        does("answer")


def test_what_is_not_there_is_missing_unless_the_command_starts_it() -> None:
    with pytest.raises(Missing, match="no such garden"):
        decided(Fell(), Garden(), asked)
    assert decided(Plant(tree="oak"), Garden(), asked).events


@pytest.mark.parametrize(
    ("by_", "roles", "allowed"),
    [
        ("ann", (), True),  # the owner
        ("bob", (), False),
        ("eve", (), True),  # who watered it
        ("zoe", ("forester",), True),
        ("zoe", ("owner",), False),
        ("", (), False),
        ("", ("forester",), False),  # a role is somebody's
    ],
)
def test_a_caller_is_let_by_a_column_a_member_or_a_role(
    by_: str, roles: tuple[str, ...], allowed: bool
) -> None:
    state = garden.given(Watered(), by="eve").seen(Garden)
    with pytest.raises(Refused) as no:
        decided(Fell(), state, Asked(at=NOW, by=by_, roles=frozenset(roles)))
    assert isinstance(no.value, Forbidden) is not allowed
    assert "it stays" in no.value.reason or f"{by_ or 'nobody'} may not Fell" in no.value.reason


def test_an_empty_column_lets_nobody_in() -> None:
    ownerless = given(Planted(tree="oak")).seen(Garden)
    for caller in ("", "None", "null"):
        assert not may((Garden.owner.name,), ownerless, caller, ())  # type: ignore[union-attr]


def test_who_may() -> None:
    state = Garden()
    assert may((anyone,), state, "", ())
    assert [may((signed_in,), state, by_, ()) for by_ in ("ann", "")] == [True, False]
    assert [may((system,), state, by_, ()) for by_ in ("system", "ann", "")] == [True, False, False]
    assert may((system, signed_in), state, "ann", ())


def test_a_refusal_says_why() -> None:
    soon = TooSoon("not yet", until=NOW)
    assert (str(soon), soon.reason, soon.until, soon.records) == ("not yet", "not yet", NOW, None)
    assert all(issubclass(no, Refused) for no in (Forbidden, Missing, TooSoon))


def test_who_may_not_in_any_case_learns_nothing_of_what_there_is() -> None:
    from domains.meetups import Accept, Claim

    nobody = given(id="nowhere")
    nobody.when(Claim(visitor="v", account="a")).refused("ann may not Claim")
    nobody.when(Claim(visitor="v", account="a"), roles={"accounts"}).refused("no such meetup")
    nobody.when(Accept()).refused("no such meetup")  # a column says who may, and there is none
