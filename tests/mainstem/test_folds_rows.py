"""keyed, gone and rows per key: one row for each thing that events name."""

from __future__ import annotations

from mainstem import (
    Event,
    State,
    View,
    at,
    by,
    coalesce,
    count,
    distinct,
    first,
    keyed,
    last,
    size,
)
from tests.mainstem.evaluated import keyed_rows, row, rows


class Joined(Event):
    player: str
    team: str | None = None


class Scored(Event):
    player: str
    team: str
    points: int


class Left(Event):
    player: str


class Whistled(Event):
    pass


class Player(State, key=(Joined.player, Scored.player), gone=Left.player):
    since = first(at(Joined))
    goals = count(Scored)
    points = last(Scored.points, default=0)


class Assist(State, key=by(Scored)):
    given = count(Scored)


class Team(State, key=(coalesce(Joined.team, "-"), Scored.team)):
    goals = count(Scored)
    scorers = keyed(Assist)
    names = distinct(Joined.player, Scored.player)
    depth = size(scorers)


class Match(View):
    players = keyed(Player)
    teams = keyed(Team)
    helpers = keyed(Assist)
    crowd = size(players)
    stars = size(players, where=Player.goals > 1)
    busy = size(teams, where=Team.depth > 1)


class Sheet(View, key=(Joined.player, Scored.player), gone=Left.player):
    """The same rows, one each instead of a map."""

    goals = count(Scored)
    helpers = keyed(Assist)


def goal(player: str, team: str = "reds") -> Scored:
    return Scored(player=player, team=team, points=3)


def test_a_key_makes_a_row_and_maps_are_sorted_by_key() -> None:
    found = row(Match, Joined(player="zoë"), goal("Ann"), goal("ann"), Joined(player="李"))
    assert list(found["players"]) == sorted(["zoë", "Ann", "ann", "李"], key=str.encode)
    assert found["players"]["ann"]["goals"] == 1
    assert (found["crowd"], found["stars"]) == (4, 0)


def test_rows_show_their_own_version_and_time() -> None:
    found = row(Match, Joined(player="ann"), Whistled(), goal("bob"), goal("ann"))
    assert [one["version"] for one in found["players"].values()] == [4, 3]


def test_what_is_gone_is_forgotten_and_may_come_back_as_new() -> None:
    gone, back = Left(player="ann"), Joined(player="ann")
    assert row(Match, goal("ann"), gone)["players"] == {}
    found = row(Match, goal("ann"), goal("ann"), gone, goal("ann"))["players"]["ann"]
    assert (found["goals"], found["since"]) == (1, None)
    assert row(Match, gone, back)["crowd"] == 1


def test_who_was_never_there_can_leave() -> None:
    assert row(Match, Left(player="eve"), goal("ann"), Left(player="eve"))["crowd"] == 1


def test_a_key_may_be_computed_and_is_never_none() -> None:
    found = row(Match, Joined(player="ann"), Joined(player="bob", team="reds"), goal("bob"))
    assert {key: one["names"] for key, one in found["teams"].items()} == {
        "-": ["ann"],
        "reds": ["bob"],
    }


def test_the_empty_text_is_a_key_like_any_other() -> None:
    assert list(row(Match, Joined(player=""), Joined(player=" "))["players"]) == ["", " "]


def test_rows_hold_rows() -> None:
    found = row(Match, ("ann", goal("x")), ("bob", goal("x")), ("ann", goal("y", "blues")))
    assert {k: list(t["scorers"]) for k, t in found["teams"].items()} == {
        "blues": ["ann"],
        "reds": ["ann", "bob"],
    }
    assert (found["busy"], found["helpers"]["ann"]["given"]) == (1, 2)


def test_no_rows_are_an_empty_map() -> None:
    found = row(Match, Whistled())
    assert (found["players"], found["teams"], found["crowd"], found["stars"]) == ({}, {}, 0, 0)


def test_a_view_with_a_key_has_a_row_for_each() -> None:
    found = keyed_rows(Sheet, ("eve", goal("ann")), goal("bob"), goal("ann"), Left(player="bob"))
    assert list(found) == ["ann"]
    assert found["ann"]["goals"] == 2
    assert list(found["ann"]["helpers"]) == ["ann", "eve"]


def test_keys_of_two_aggregates_are_two_rows() -> None:
    histories = {"final": [goal("ann")], "semi": [goal("ann"), goal("ann")]}
    found = rows(Sheet, histories)
    assert [(one["id"], one["key"], one["goals"]) for one in found] == [
        ("final", "ann", 1),
        ("semi", "ann", 2),
    ]


def test_an_aggregate_that_names_nobody_has_no_row() -> None:
    assert keyed_rows(Sheet, Whistled()) == {}
    assert keyed_rows(Sheet, goal("ann"), Left(player="ann")) == {}
