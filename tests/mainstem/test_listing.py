from __future__ import annotations

import pytest

from mainstem import Event, State, View, at, count, distinct, first, index, keyed, last
from mainstem.testing import DAWN, Given, given, listed


class Launched(Event):
    name: str
    crew: int | None = None


class Boarded(Event):
    who: str


class Sailor(State, key=Boarded.who):
    since = first(at(Boarded))


class Boat(View):
    name = last(Launched.name, default="")
    crew = last(Launched.crew)
    boarded = count(Boarded)
    hands = distinct(Boarded.who)
    sailors = keyed(Sailor)

    smallest = index(order=crew)
    largest = index(order=crew, newest_first=True)
    manned = index(order=name, where=boarded > 0)
    by_crew = index(crew, order=name)
    by_hand = index(hands, order=name)
    by_sailor = index(sailors, order=name)


class Berth(View, key=Boarded.who):
    times = count(Boarded)

    busiest = index(State.id, order=times, newest_first=True)


dinghy = given(Launched(name="Dinghy", crew=2), id="1")
queen = given(Launched(name="Queen", crew=90), Boarded(who="ann"), Boarded(who="bob"), id="2")
ghost = given(Launched(name="Ghost"), id="3")
twin = given(Launched(name="Twin", crew=2), Boarded(who="ann"), id="4")
fleet = (queen, ghost, twin, dinghy)


def names(index: str, *boats: Given, **by: object) -> list[str]:
    return [boat.name for boat in listed(Boat, index, *boats, **by)]


def test_a_list_stands_in_its_order_and_ties_in_that_of_ids() -> None:
    assert names("smallest", *fleet) == ["Dinghy", "Twin", "Queen"]


def test_newest_first_turns_the_whole_list_round() -> None:
    assert names("largest", *fleet) == ["Queen", "Twin", "Dinghy"]


def test_a_row_without_its_order_is_not_listed() -> None:
    assert "Ghost" not in names("smallest", *fleet)


def test_a_row_is_listed_while_the_condition_holds() -> None:
    assert names("manned", *fleet) == ["Queen", "Twin"]


def test_a_list_by_a_value_holds_the_rows_that_have_it() -> None:
    assert names("by_crew", *fleet, crew=2) == ["Dinghy", "Twin"]
    assert names("by_crew", *fleet, crew=None) == ["Ghost"]


@pytest.mark.parametrize(("list_by", "column"), [("by_hand", "hands"), ("by_sailor", "sailors")])
def test_a_list_by_members_holds_a_row_once_for_each(list_by: str, column: str) -> None:
    assert names(list_by, *fleet, **{column: "ann"}) == ["Queen", "Twin"]
    assert names(list_by, *fleet, **{column: "bob"}) == ["Queen"]
    assert names(list_by, *fleet, **{column: "eve"}) == []


def test_rows_of_a_key_are_listed_one_by_one() -> None:
    again = queen.given(Boarded(who="bob"), at=DAWN)
    found = listed(Berth, "busiest", again, twin, id="2")
    assert [(berth.key, berth.times) for berth in found] == [("bob", 2), ("ann", 1)]


def test_asking_a_list_by_the_wrong_columns_says_which_it_takes() -> None:
    with pytest.raises(AssertionError, match=r"Boat\.by_crew lists by crew"):
        listed(Boat, "by_crew", queen, owner="ann")
