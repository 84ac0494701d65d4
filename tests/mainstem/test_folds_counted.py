"""count, total, lowest, highest, distinct: folds for which order does not matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations

from mainstem import Event, View, at, by, count, distinct, highest, lowest, says, total
from tests.mainstem.evaluated import NOON, row, rows, stored


class Caught(Event):
    fish: str
    grams: int
    bait: str | None = None
    length: float = 1.0
    spotted: bool = False
    sold_at: datetime | None = None


class Freed(Event):
    fish: str
    grams: int


class Slept(Event):
    pass


class Catch(View):
    caught = count(Caught)
    moved = count(Caught, Freed)
    grams = total(Caught.grams, -Freed.grams)
    worth = total(Caught.grams * 3 + 1)
    balance = total(says(1, Caught), says(-1, Freed))
    lightest = lowest(Caught.grams, Freed.grams)
    heaviest = highest(Caught.grams, default=0)
    longest = highest(Caught.length)
    first_name = lowest(Caught.fish)
    last_name = highest(Caught.fish, default="")
    best_bait = lowest(Caught.bait, default="none")
    sold_at = lowest(Caught.sold_at)
    seen_at = highest(at(Caught, Freed))
    kinds = distinct(Caught.fish, Freed.fish)
    baits = distinct(Caught.bait)
    sizes = distinct(Caught.grams)
    spots = distinct(Caught.spotted)
    hands = distinct(by(Caught, Freed))
    days = distinct(at(Caught))


pike = Caught(fish="pike", grams=900, bait="worm", length=0.7)
eel = Caught(fish="eel", grams=400, spotted=True, sold_at=NOON)
freed = Freed(fish="pike", grams=900)


def test_nothing_caught_is_nothing() -> None:
    assert row(Catch, Slept()) == {
        "caught": 0,
        "moved": 0,
        "grams": 0,
        "worth": 0,
        "balance": 0,
        "lightest": None,
        "heaviest": 0,
        "longest": None,
        "first_name": None,
        "last_name": "",
        "best_bait": "none",
        "sold_at": None,
        "seen_at": None,
        "kinds": [],
        "baits": [],
        "sizes": [],
        "spots": [],
        "hands": [],
        "days": [],
    }


def test_sums_and_counts_add_up_over_several_events() -> None:
    found = row(Catch, pike, eel, freed)
    assert (found["caught"], found["moved"], found["balance"]) == (2, 3, 1)
    assert (found["grams"], found["worth"]) == (400, 3 * 1_300 + 2)


def test_none_adds_nothing_and_is_no_extreme_and_no_member() -> None:
    found = row(Catch, eel, pike)
    assert (found["best_bait"], found["baits"], found["sold_at"]) == (
        "worm",
        ["worm"],
        stored(NOON),
    )


def test_extremes_of_numbers_moments_and_text() -> None:
    early = NOON - timedelta(days=3)
    found = row(Catch, pike, ("ann", eel, early), freed)
    assert (found["lightest"], found["heaviest"], found["longest"]) == (400, 900, 1.0)
    assert (found["first_name"], found["last_name"]) == ("eel", "pike")
    assert found["seen_at"] == stored(NOON + timedelta(minutes=3))


def test_text_is_ordered_by_its_utf8_bytes() -> None:
    names = ["zander", "Zander", "zänder", "aal", "", "😀", "\uffff", "ﬀ", "a", "A\u0308", "Ä"]
    found = row(Catch, *(Caught(fish=name, grams=1) for name in names))
    by_bytes = sorted(names, key=str.encode)
    assert found["kinds"] == by_bytes
    assert (found["first_name"], found["last_name"]) == (by_bytes[0], by_bytes[-1])


def test_members_are_sorted_and_stand_once() -> None:
    found = row(Catch, pike, ("bob", eel), pike, ("bob", freed))
    assert (found["kinds"], found["sizes"], found["hands"]) == (
        ["eel", "pike"],
        [400, 900],
        ["ann", "bob"],
    )
    assert found["spots"] == [False, True]


def test_negative_numbers_count_down() -> None:
    debts = [Caught(fish="none", grams=grams) for grams in (-5, 3, -8)]
    found = row(Catch, *debts)
    assert (found["grams"], found["lightest"], found["heaviest"]) == (-10, -8, 3)
    assert found["sizes"] == [-8, -5, 3]


def test_in_whatever_order_facts_arrive_the_row_is_the_same() -> None:
    history = [("ann", pike, NOON), ("bob", eel, NOON), ("eve", freed, NOON)]
    orders = {f"order {n}": list(order) for n, order in enumerate(permutations(history))}
    found = [{**one, "id": ""} for one in rows(Catch, orders)]
    assert all(one == found[0] for one in found)
