"""fold(): the escape hatch, in Python."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem import Event, Happened, State, Unfit, Unsupported, View, count, fold, keyed
from mainstem.sql import select
from mainstem.testing import DAWN, given
from tests.mainstem.evaluated import keyed_rows, row


class Moved(Event):
    to: str
    steps: tuple[int, ...] = ()


class Rested(Event):
    pass


Path = tuple[str, ...]
NOWHERE: Path = ()
Tally = dict[str, int]
NOTHING: Tally = {}


def walked(path: Path, happened: Happened) -> Path:
    assert isinstance(happened.event, Moved)
    return path if path[-1:] == (happened.event.to,) else (*path, happened.event.to)


def rested(path: Path, happened: Happened) -> Path:
    return (*path, f"rest {happened.version} of {happened.by} at {happened.at.hour}")


def tallied(tally: Tally, happened: Happened) -> Tally:
    assert isinstance(happened.event, Moved)
    tally[happened.event.to] = tally.get(happened.event.to, 0) + 1
    return tally


def broken(value: Any, happened: Happened) -> Any:
    return {happened.version}


class Leg(State, key=Moved.to):
    seen = fold(NOTHING, {Moved: tallied})


class Walk(View):
    path = fold(NOWHERE, {Moved: walked, Rested: rested})
    visits = fold(NOTHING, {Moved: tallied})
    moves = count(Moved)
    legs = keyed(Leg)


class ByPlace(View, key=Moved.to):
    visits = fold(NOTHING, {Moved: tallied})


class Unkept(View):
    it = fold(0, {Moved: broken})


inn, sea = Moved(to="inn"), Moved(to="sea", steps=(1, 2))


def test_a_step_sees_the_event_and_its_circumstances() -> None:
    found = row(Walk, inn, inn, ("bob", Rested()), sea)
    assert found["path"] == ["inn", "rest 3 of bob at 12", "sea"]
    assert (found["moves"], found["visits"]) == (3, {"inn": 2, "sea": 1})


def test_values_are_tuples_and_dicts_in_python_and_json_in_rows() -> None:
    walk = given(inn, sea).seen(Walk)
    assert (walk.path, walk.visits) == (("inn", "sea"), {"inn": 1, "sea": 1})
    assert walk.row()["path"] == ["inn", "sea"]


def test_a_value_that_is_changed_in_place_changes_no_other() -> None:
    walk = given(inn).seen(Walk)
    walk.visits["inn"] = 99
    assert walk.visits == {"inn": 1}
    assert given().seen(Walk).visits == {}
    before = given(inn).seen(Walk)
    before.after(given(inn, sea).history[1:])
    assert before.visits == {"inn": 1}


def test_it_stands_in_rows_of_a_key_too() -> None:
    assert keyed_rows(ByPlace, inn, sea, inn)["inn"]["visits"] == {"inn": 2}
    legs = row(Walk, inn, sea)["legs"]
    assert {key: leg["seen"] for key, leg in legs.items()} == {"inn": {"inn": 1}, "sea": {"sea": 1}}


def test_a_value_that_can_not_be_kept_is_a_mistake_of_the_step() -> None:
    with pytest.raises(Unfit, match="set is not stored"):
        given(inn).seen(Unkept)


@pytest.mark.parametrize("dialect", ["duckdb", "trino", "spark"])
@pytest.mark.parametrize(("view", "column"), [(Walk, "Walk.path"), (ByPlace, "ByPlace.visits")])
def test_no_sql_says_it_and_says_so(view: type[View], column: str, dialect: str) -> None:
    with pytest.raises(Unsupported, match=f"{column} is a fold.. in Python, which no SQL says"):
        select(view, dialect)


def test_at_is_the_moment_of_the_event() -> None:
    assert given(inn, Rested(), at=DAWN).seen(Walk).path == ("inn", "rest 2 of ann at 0")
