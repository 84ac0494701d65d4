"""Derived columns: arithmetic, comparison, logic, coalesce, case, size, later and before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mainstem import (
    Event,
    View,
    at,
    before,
    by,
    case,
    coalesce,
    distinct,
    flag,
    last,
    later,
    latest,
    not_,
    size,
)
from tests.mainstem.evaluated import NOON, row, stored


class Weighed(Event):
    a: int | None
    b: int | None
    name: str | None = None


class Fed(Event):
    pass


class Goat(View):
    a: Any = last(Weighed.a)  # a checker asks for coalesce here, and None is what is tested
    b: Any = last(Weighed.b)
    fed = flag(on=Fed, off=Weighed)
    _name = last(Weighed.name)
    fed_at = last(at(Fed))
    hands = distinct(by(Fed))
    weights = latest(Weighed.a, n=3)

    plus = a + b
    minus = a - b
    times = a * b
    floored = a // b
    rest = a % b
    negated = -a
    deep = (a + 1) * (b - 1) - (a // 2) % 3

    equal = a == b
    unequal = a != b
    less = a < b
    at_most = a <= b
    more = a > b
    at_least = a >= b
    is_none = a == None
    is_some = a != None
    both = (a > 0) & (b > 0)
    either = (a > 0) | (b > 0)
    neither = not_((a > 0) | (b > 0))
    is_bock = _name == "Bock"

    called = coalesce(_name, "nobody")
    sum_or_a = coalesce(plus, a, 0)
    size_of_it = case((a > 9, "big"), (a > 4, "middling"), (a == None, "unknown"), default="small")
    maybe = case((fed, a), default=None)

    hungry_at = later(fed_at, hours=5, minutes=1)
    slept_at = before(fed_at, days=1, seconds=2)
    sick_at = later(fed_at, weeks=1, where=a > 9)
    helpers = size(hands)
    weighings = size(weights)


def goat(a: int | None, b: int | None, name: str | None = None) -> dict[str, object]:
    return row(Goat, ("ann", Fed(), NOON), Weighed(a=a, b=b, name=name))


@pytest.mark.parametrize(
    ("a", "b"),
    [(7, 2), (-7, 2), (7, -2), (-7, -2), (6, 3), (-6, 3), (6, -3), (-6, -3), (0, 5), (0, -5)],
)
def test_division_rounds_down_and_the_rest_has_the_divisors_sign(a: int, b: int) -> None:
    found = goat(a, b)
    assert (found["floored"], found["rest"]) == (a // b, a % b)
    assert (found["plus"], found["minus"], found["times"]) == (a + b, a - b, a * b)
    assert (found["negated"], found["deep"]) == (-a, (a + 1) * (b - 1) - (a // 2) % 3)


def test_a_division_by_zero_is_none() -> None:
    assert (goat(7, 0)["floored"], goat(7, 0)["rest"]) == (None, None)


@pytest.mark.parametrize(("a", "b"), [(None, 2), (2, None), (None, None)])
def test_arithmetic_with_none_is_none(a: int | None, b: int | None) -> None:
    found = goat(a, b)
    names = ("plus", "minus", "times", "floored", "rest", "deep")
    assert [found[name] for name in names] == [None] * 6
    assert found["negated"] == (None if a is None else -a)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (1, 2), (2, 1), (-1, 0)])
def test_numbers_compare(a: int, b: int) -> None:
    found = goat(a, b)
    assert [found[name] for name in ("equal", "less", "more")] == [a == b, a < b, a > b]
    assert [found[name] for name in ("unequal", "at_most", "at_least")] == [a != b, a <= b, a >= b]
    assert (found["is_none"], found["is_some"]) == (False, True)


def test_none_equals_none_only_and_stands_in_no_order() -> None:
    none, one = goat(None, None), goat(None, 1)
    orders = ("less", "at_most", "more", "at_least")
    assert [none[name] for name in orders] == [one[name] for name in orders] == [False] * 4
    assert (none["equal"], none["unequal"]) == (True, False)
    assert (one["equal"], one["unequal"]) == (False, True)
    assert (none["is_none"], none["is_some"]) == (True, False)


@pytest.mark.parametrize("a", [None, -1, 0, 1])
@pytest.mark.parametrize("b", [None, -1, 0, 1])
def test_a_condition_is_never_unknown(a: int | None, b: int | None) -> None:
    ups = [value is not None and value > 0 for value in (a, b)]
    found = goat(a, b)
    assert (found["both"], found["either"], found["neither"]) == (all(ups), any(ups), not any(ups))


def test_coalesce_is_the_first_that_is_not_none() -> None:
    assert (goat(1, 1, "Bock")["called"], goat(1, 1)["called"]) == ("Bock", "nobody")
    assert [goat(a, b)["sum_or_a"] for a, b in ((3, 4), (3, None), (None, 4))] == [7, 3, 0]
    assert (goat(1, 1, "")["called"], goat(1, 1)["is_bock"]) == ("", False)


def test_case_is_the_value_beside_the_first_condition_that_holds() -> None:
    found = [goat(a, 0)["size_of_it"] for a in (10, 5, None, 4)]
    assert found == ["big", "middling", "unknown", "small"]
    assert goat(3, 0)["maybe"] is None
    assert row(Goat, Weighed(a=3, b=0), Fed())["maybe"] == 3


def test_moments_move_by_whole_units() -> None:
    found = goat(10, 0)
    assert found["hungry_at"] == stored(NOON + timedelta(hours=5, minutes=1))
    assert found["slept_at"] == stored(NOON - timedelta(days=1, seconds=2))
    assert found["sick_at"] == stored(NOON + timedelta(weeks=1))


def test_a_moment_that_is_none_or_whose_condition_fails_moves_to_none() -> None:
    assert goat(9, 0)["sick_at"] is None
    never_fed = row(Goat, Weighed(a=10, b=0))
    assert (never_fed["hungry_at"], never_fed["sick_at"]) == (None, None)


def test_moments_before_1970_move_too() -> None:
    found = row(Goat, ("ann", Fed(), datetime(1950, 5, 17, tzinfo=UTC)))
    assert found["hungry_at"] == stored(datetime(1950, 5, 17, 5, 1, tzinfo=UTC))


def test_size_counts_members_and_items() -> None:
    found = row(Goat, ("ann", Fed()), ("bob", Fed()), ("ann", Fed()), Weighed(a=None, b=None))
    assert (found["helpers"], found["weighings"]) == (2, 1)
    assert row(Goat, Weighed(a=1, b=1))["helpers"] == 0


def test_what_is_private_is_computed_with_and_not_shown() -> None:
    assert goat(1, 1, "Bock")["is_bock"] is True
    assert "_name" not in goat(1, 1, "Bock")
