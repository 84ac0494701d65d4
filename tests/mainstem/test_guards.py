"""What a domain's own code, or a caller, could slip past the language, and can't."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from mainstem import (
    Answer,
    Asked,
    Command,
    Digits,
    Event,
    Grant,
    Happened,
    Mistake,
    Refused,
    Unfit,
    View,
    count,
    decided,
    distinct,
    fold,
    last,
    says,
)
from mainstem.folding import Folding
from mainstem.testing import given


class Poured(Event):
    tea: str
    notes: tuple[str, ...] = ()


class Spilled(Event):
    pass


NO_TEAS: dict[str, tuple[str, ...]] = {"teas": ()}


def brewed(log: dict[str, tuple[str, ...]], happened: Happened) -> dict[str, tuple[str, ...]]:
    event = happened.event
    assert isinstance(event, Poured)
    if event.tea == "none":
        raise KeyError(event.tea)
    return {"teas": (*log["teas"], event.tea)}


class Pot(View):
    pours = count(Poured)
    teas = distinct(Poured.tea)
    marks = last(says(("a", "b"), Spilled))
    log = fold(NO_TEAS, {Poured: brewed})


class Pour(Command[Pot], starts=True, again=True):
    tea: str = "oolong"
    times: int = 1

    def decide(self, pot: Pot) -> Answer[str]:
        for _ in range(self.times):
            yield Poured(tea=self.tea)
        return self.fresh("pour")


class Forge(Command[Pot], starts=True):
    def decide(self, pot: Pot) -> Iterator[Event]:
        yield Poured.model_construct(tea=None)


class Flood(Command[Pot], starts=True):
    def decide(self, pot: Pot) -> Iterator[Event]:
        while True:
            yield Spilled()


def asked(**changes: object) -> Asked:
    said: dict[str, object] = {"by": "ann", "aggregate": "a", "command": UUID(int=1), **changes}
    return Asked(**said)  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [{"aggregate": "b"}, {"tenant": "acme"}])
def test_a_caller_who_chooses_the_id_of_a_request_gets_no_id_of_anothers(
    other: dict[str, object],
) -> None:
    mine = decided(Pour(), Pot(), asked()).answer
    assert decided(Pour(), Pot(), asked()).answer == mine
    assert decided(Pour(), Pot(), asked(**other)).answer != mine


def test_an_event_that_could_not_be_read_again_is_not_granted() -> None:
    with pytest.raises(Mistake, match="could not be read again: tea: missing"):
        decided(Forge(), Pot(), asked())


def test_a_decision_that_never_ends_is_refused() -> None:
    with pytest.raises(Refused, match="more than 100 events"):
        decided(Flood(), Pot(), asked())


@pytest.mark.parametrize(("tea", "times"), [("x" * 61_441, 1), ("x" * 30_000, 10)])
def test_more_than_a_commit_holds_is_refused(tea: str, times: int) -> None:
    with pytest.raises(Refused, match=r"too much at once: \d+ bytes"):
        decided(Pour(tea=tea, times=times), Pot(), asked())


@pytest.mark.parametrize("sub", ["", "system"])
def test_no_token_is_nobodys_or_the_timers(sub: str) -> None:
    with pytest.raises(Mistake, match="a token is somebody's"):
        Grant(sub=sub, role="")


def test_digits_want_a_key_that_nobody_guesses() -> None:
    with pytest.raises(Mistake, match="a key of 0 bytes is guessed"):
        Digits(5, of=1).made(b"", "main", "otp", "a")


def test_a_longer_code_does_not_tell_a_shorter_one() -> None:
    key = b"a key of 16 bytes"
    short, long = (Digits(n, of=1).made(key, "main", "otp", "a") for n in (4, 6))
    assert not long.endswith(short)


def test_what_a_state_hands_out_is_a_copy() -> None:
    pot = given(Poured(tea="oolong"), Spilled()).seen(Pot)
    shown = pot.shown()
    shown["teas"].append("poison")
    shown["marks"].append("poison")
    shown["log"]["teas"].append("poison")
    Pot().row()["log"]["teas"].append("poison")
    assert pot.shown()["teas"] == ["oolong"]
    assert given(Spilled()).seen(Pot).marks == ("a", "b")
    assert Pot().shown()["log"] == {"teas": []}


def test_half_an_event_is_never_folded_on() -> None:
    folding = Folding(Pot)
    record = {"tea": "none", "notes": [], "at": 0, "by": "ann", "version": 1}
    with pytest.raises(Unfit, match="log: the step for Poured failed: KeyError"):
        folding.advance("Poured", record)
    with pytest.raises(Unfit, match="half of version 1 is in these cells"):
        folding.advance("Poured", {**record, "tea": "oolong"})


def test_what_is_never_shown_is_not_searched() -> None:
    with pytest.raises(Mistake, match=r"_secret is never shown, and what is found by a word"):
        exec(SECRET, dict(globals()))


SECRET = """
from mainstem import View, last, search

class Chest(View):
    _secret = last(Poured.tea)
    words = search(_secret)
"""
