"""A fingerprint changes with whatever changes a stored row, and with nothing else."""

from __future__ import annotations

import pytest

from mainstem.fingerprint import fingerprint
from tests.mainstem.written import bakery

# Written into the same place: two texts that mean different rows.
COLUMNS = [
    ("last(Baked.cake)", "first(Baked.cake)"),
    ("last(Baked.cake)", "last(Baked.oven)"),
    ("last(Baked.cake)", "last(Eaten.cake)"),
    ("last(Baked.cake)", "last(Baked.cake, Eaten.cake)"),
    ("last(Baked.cake)", "last(Baked.cake, default='')"),
    ("last(Baked.cake, default='')", "last(Baked.cake, default='tart')"),
    ("last(Baked.sweetness, default=0.0)", "last(Baked.sweetness, default=0.5)"),
    ("last(Baked.cake)", "last(Baked.cake, where=Baked.vegan)"),
    ("last(Baked.cake, where=Baked.vegan)", "last(Baked.cake, where=not_(Baked.vegan))"),
    ("last(Baked.cake, where=Baked.slices > 1)", "last(Baked.cake, where=Baked.slices > 2)"),
    ("last(Baked.cake, where=Baked.slices > 1)", "last(Baked.cake, where=Baked.slices >= 1)"),
    (
        "count(Baked, Eaten, where=(Baked.vegan, Eaten))",
        "count(Baked, Eaten, where=(Baked.vegan, Eaten.slices > 1))",
    ),
    ("last(Baked.cake)", "latest(Baked.cake, n=1)"),
    ("latest(Baked.cake, n=1)", "latest(Baked.cake, n=2)"),
    ("last(at(Baked))", "last(at(Eaten))"),
    ("first(at(Baked))", "lowest(at(Baked))"),
    ("last(by(Baked))", "last(Baked.baker)"),
    ("count(Baked)", "count(Baked, Eaten)"),
    ("count(Baked)", "total(Baked.slices)"),
    ("total(Baked.slices)", "total(-Baked.slices)"),
    ("total(Baked.slices * 2)", "total(Baked.slices * 3)"),
    ("total(Baked.slices, Eaten.slices)", "total(Baked.slices, -Eaten.slices)"),
    ("lowest(Baked.slices)", "highest(Baked.slices)"),
    ("lowest(Baked.slices)", "lowest(Baked.slices, default=0)"),
    ("distinct(Baked.cake)", "distinct(Baked.cake, Eaten.cake)"),
    ("flag(on=Baked)", "flag(on=Eaten)"),
    ("flag(on=Baked)", "flag(on=Baked, off=Eaten)"),
    ("flag(on=Baked, off=Eaten)", "flag(on=Eaten, off=Baked)"),
    ("last(says('in', Baked))", "last(says('out', Baked))"),
    ("last(says('in', Baked))", "last(says('in', Eaten))"),
    ("last(says(1, Baked))", "last(says(True, Baked))"),
    ("last(says(1, Baked))", "last(says(1.0, Baked))"),
    ("keyed(Shelf)", "keyed(Tray)"),
    ("fold(0, {Baked: count_})", "fold(1, {Baked: count_})"),
    ("fold(0, {Baked: count_})", "fold(0, {Eaten: count_})"),
    ("fold(0, {Baked: count_})", "fold(0, {Baked: count_, Eaten: count_})"),
    ("fold(0, {Baked: count_})", "fold(0, {Baked: other_})"),
    ("n + 1", "n + 2"),
    ("n - 1", "1 - n"),
    ("n // 2", "n % 2"),
    ("n + 1", "n - 1"),
    ("n > 1", "n < 1"),
    ("n == 1", "n != 1"),
    ("(n > 1) & (n < 9)", "(n > 1) | (n < 9)"),
    ("not_(n > 1)", "n > 1"),
    ("-n", "n + 0"),
    ("size(rows)", "size(rows, where=Shelf.slices > 1)"),
    ("size(rows, where=Shelf.slices > 1)", "size(rows, where=Shelf.slices > 2)"),
    ("later(when, days=1)", "later(when, days=2)"),
    ("later(when, days=1)", "before(when, days=1)"),
    ("later(when, days=1)", "later(when, days=1, where=n > 1)"),
    ("coalesce(name, 'x')", "coalesce(name, 'y')"),
    ("coalesce(name, other)", "coalesce(other, name)"),
    (
        "case((n > 1, 'a'), (n > 2, 'b'), default='c')",
        "case((n > 2, 'b'), (n > 1, 'a'), default='c')",
    ),
    ("case((n > 1, 'a'), default='c')", "case((n > 1, 'c'), default='a')"),
]
VIEW = """
def other_(value: int, happened: Happened) -> int:
    return value + 2


class Tray(State, key=Baked.cake, gone=Burnt.cake):
    slices = highest(Baked.slices)


class Plate(View):
    n = count(Baked)
    name = last(Baked.baker)
    other = last(by(Eaten))
    when = last(at(Baked))
    rows = keyed(Shelf)
"""


def of_column(column: str) -> str:
    with bakery(f"{VIEW}    it = {column}") as module:
        return fingerprint(module.Plate)


@pytest.mark.parametrize(("one", "other"), COLUMNS)
def test_another_column_is_another_fingerprint(one: str, other: str) -> None:
    assert of_column(one) != of_column(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("last(Baked.cake, Eaten.cake)", "last(Eaten.cake, Baked.cake)"),
        ("count(Baked, Eaten)", "count(Eaten, Baked)"),
        ("last(at(Baked, Eaten))", "last(at(Eaten), at(Baked))"),
        ("last(says('x', Baked, Eaten))", "last(says('x', Baked), says('x', Eaten))"),
        ("flag(on=Baked, off=Eaten)", "last(says(False, Eaten), says(True, Baked), default=False)"),
        ("last(Baked.cake)", "last(Baked.cake, where=Baked)"),
        (
            "count(Baked, Eaten, where=(Baked.vegan, Eaten))",
            "count(Eaten, Baked, where=(Eaten, Baked.vegan))",
        ),
        ("total(Baked.slices + 2)", "total(2 + Baked.slices)"),
        ("total(Baked.slices * 2)", "total(2 * Baked.slices)"),
        ("count(Baked, where=Baked.slices == 2)", "count(Baked, where=2 == Baked.slices)"),
        (
            "count(Baked, where=Baked.vegan & (Baked.slices != 2))",
            "count(Baked, where=(2 != Baked.slices) & Baked.vegan)",
        ),
        ("(n > 1) | (name == None)", "(name == None) | (n > 1)"),
        ("later(when, days=1)", "later(when, hours=20, minutes=240)"),
        ("later(when, weeks=1)", "later(when, days=7)"),
    ],
)
def test_the_same_meaning_is_the_same_fingerprint(one: str, other: str) -> None:
    assert of_column(one) == of_column(other)


MARKS = [
    ("index(n)", "index(name)"),
    ("index(n)", "index(order=n)"),
    ("index(order=n)", "index(order=n, newest_first=True)"),
    ("index(order=n)", "index(order=n, where=n > 1)"),
    ("index(order=n, where=n > 1)", "index(order=n, where=n > 2)"),
    ("index(name, other)", "index(other, name)"),
    ("search(name)", "search(other)"),
    ("search(name)", "unique(name)"),
    ("unique(name)", "unique(name, other)"),
]


@pytest.mark.parametrize(("one", "other"), MARKS)
def test_entries_and_claims_are_stored_so_they_count(one: str, other: str) -> None:
    assert of_column(one) != of_column(other)
    with bakery(VIEW) as module:
        assert fingerprint(module.Plate) not in (of_column(one), of_column(other))


def test_who_may_read_is_not_stored() -> None:
    with bakery(VIEW) as module:
        assert fingerprint(module.Plate) == of_column("readers(anyone)")
    assert of_column("readers(name, where=n > 1)") == of_column("readers(role('chef'))")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("key=Baked.cake", "key=Baked.oven"),
        ("key=Baked.cake", "key=(Baked.cake, Eaten.cake)"),
        ("key=Baked.cake", "key=Baked.cake, gone=Burnt.cake"),
        ("key=Baked.cake, gone=Burnt.cake", "key=Baked.cake, gone=Eaten.cake"),
        ("key=by(Baked)", "key=coalesce(Baked.baker, '-')"),
        ("key=coalesce(Baked.baker, '-')", "key=coalesce(Baked.baker, '')"),
    ],
)
def test_other_keys_are_other_rows(one: str, other: str) -> None:
    def of_key(options: str) -> set[str]:
        text = f"class Plate(View, {options}):\n    n = count(Baked)\n\n"
        with bakery(f"{text}class Table(View):\n    plates = keyed(Plate)") as module:
            return {fingerprint(module.Plate), fingerprint(module.Table)}

    assert not of_key(one) & of_key(other)


PLAIN = """
class Plate(View):
    a = count(Baked)
    b = last(Baked.cake)
    c = a + 1
"""
DOCUMENTED = """
class Plate(State):
    '''What is on it.'''

    b = last(Baked.cake)
    a: int = count(Baked)  # all of them
    c = a + 1

    def many(self) -> bool:
        return self.a > 9
"""
INHERITED = """
class Base(State):
    a = count(Baked)


class Dish(Base, View):
    b = last(Baked.cake)
    c = Base.a + 1
"""


@pytest.mark.parametrize("text", [DOCUMENTED, INHERITED])
def test_how_a_view_is_written_down_is_not_its_meaning(text: str) -> None:
    with bakery(PLAIN + text.replace("Plate", "Dish")) as module:
        assert fingerprint(module.Dish) == fingerprint(module.Plate)
