"""where=: a condition on an event's own fields, for each event that a fold hears."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

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
    flag,
    highest,
    keyed,
    last,
    latest,
    lowest,
    not_,
    says,
    total,
)
from tests.mainstem.evaluated import NOON, row


class Hue(StrEnum):
    RED = "red"
    BLUE = "blue"


class Painted(Event):
    wall: str
    coats: int
    hue: Hue = Hue.RED
    finish: Literal["matt", "gloss"] = "matt"
    painter: str | None = None
    gloss: float = 0.0
    dry: bool = False
    dry_at: datetime | None = None


class Scraped(Event):
    wall: str
    coats: int


class Wall(State, key=Painted.wall):
    red = count(Painted, where=Painted.hue == "red")


class House(View):
    thick = count(Painted, where=Painted.coats > 2)
    dry = count(Painted, where=Painted.dry)
    wet = count(Painted, where=not_(Painted.dry))
    red = count(Painted, where=Painted.hue == Hue.RED)
    glossy = count(Painted, where=Painted.finish == "gloss")
    nobodys = count(Painted, where=Painted.painter == None)
    somebodys = count(Painted, where=Painted.painter != None)
    anns = count(Painted, where=Painted.painter == "ann")
    not_anns = count(Painted, where=Painted.painter != "ann")
    own = count(Painted, where=by(Painted) == Painted.painter)
    early = count(Painted, where=at(Painted) < datetime(2026, 1, 1, 12, 2, tzinfo=UTC))
    dried = count(Painted, where=Painted.dry_at <= at(Painted))  # type: ignore[operator]
    shiny = count(Painted, where=Painted.gloss >= 1)
    some = count(Painted, where=(Painted.coats > 1) & (Painted.coats < 4) | Painted.dry)
    renamed = count(Painted, where=coalesce(Painted.painter, "nobody") == "nobody")
    last_thick = last(Painted.wall, where=Painted.coats > 2)
    first_thick = first(Painted.wall, where=Painted.coats > 2)
    thick_ones = latest(Painted.wall, n=9, where=Painted.coats > 2)
    coats = total(Painted.coats, -Scraped.coats, where=(Painted.dry, Scraped))
    fewest = lowest(Painted.coats, Scraped.coats, where=(Painted.dry, Scraped.coats > 1))
    most = highest(Painted.coats, where=Painted.dry, default=0)
    walls = distinct(Painted.wall, where=Painted.hue == "blue")
    bare = flag(on=Scraped, off=Painted, where=(Scraped.coats > 1, Painted))
    state = last(says("thick", Painted), says("bare", Scraped), where=(Painted.coats > 2, Scraped))
    by_wall = keyed(Wall)


def test_only_what_holds_is_heard() -> None:
    found = row(
        House,
        Painted(wall="north", coats=3, painter="ann", gloss=1.0, finish="gloss"),
        Painted(wall="south", coats=1, dry=True, dry_at=NOON, hue=Hue.BLUE),
        Painted(wall="north", coats=5, painter="bob"),
    )
    counts = {name: value for name, value in found.items() if type(value) is int}
    assert counts == {
        "thick": 2,
        "dry": 1,
        "wet": 2,
        "red": 2,
        "glossy": 1,
        "nobodys": 1,
        "somebodys": 2,
        "anns": 1,
        "not_anns": 2,  # None is not ann
        "own": 1,
        "early": 1,
        "dried": 1,  # an order with None does not hold
        "shiny": 1,
        "some": 2,
        "renamed": 1,
        "coats": 1,
        "fewest": 1,
        "most": 1,
    }
    assert (found["last_thick"], found["first_thick"]) == ("north", "north")
    assert (found["thick_ones"], found["walls"]) == (["north", "north"], ["south"])


def test_each_event_has_its_own_condition() -> None:
    wet, dry = Painted(wall="north", coats=3), Painted(wall="north", coats=3, dry=True)
    one, two = Scraped(wall="north", coats=1), Scraped(wall="north", coats=2)
    assert row(House, wet, dry, one, two)["coats"] == 3 - 1 - 2
    assert row(House, wet, one)["fewest"] is None
    assert row(House, wet, one, two)["fewest"] == 2


def test_what_does_not_hold_is_as_if_it_had_not_happened() -> None:
    thin = Painted(wall="east", coats=1)
    thick = Painted(wall="west", coats=3)
    assert row(House, thin)["last_thick"] is None
    assert row(House, thick, thin)["last_thick"] == "west"
    assert row(House, thick, thin)["state"] == "thick"
    assert row(House, Scraped(wall="east", coats=1))["bare"] is False
    assert row(House, Scraped(wall="east", coats=2))["bare"] is True


def test_a_row_is_there_although_none_of_its_folds_heard_anything() -> None:
    found = row(House, Painted(wall="north", coats=1, hue=Hue.BLUE))
    assert found["by_wall"]["north"]["red"] == 0
