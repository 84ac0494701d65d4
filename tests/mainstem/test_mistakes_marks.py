"""What an index, a search, a claim and a reading rule may name."""

import pytest

from tests.mainstem.written import bakery, mistake

AT_ONCE = "is settled already: `is`, `in` and plain values are; say ==, !=, & and |"
PLATE = """
class Plate(View):
    cake = last(Baked.cake, default="")
    n = count(Baked)
    soft = last(Baked.sweetness)
    toppings = last(Baked.toppings)
    vegan = flag(on=Baked, off=Eaten)
    eaters = distinct(by(Eaten))
    shelves = keyed(Shelf)
"""
MARKS = [
    ("index()", "index() names no column"),
    ("index('cake')", "'cake' is no column"),
    ("index(order='cake')", "'cake' is no column"),
    ("index(Baked.cake)", "Baked.cake belongs to an event; name a column, or fold it first"),
    ("index(cake, order=Cake.baked)", "Cake.baked is of another state; Plate doesn't inherit it"),
    ("index(cake == 'tart')", "(cake == 'tart') is computed here; give it a name as a column"),
    ("index(count(Eaten))", "count(…): give it a name of its own first"),
    ("index(toppings)", "toppings is list of text or None, which can't stand here"),
    ("index(order=shelves)", "shelves is rows, which can't stand here"),
    ("index(order=vegan)", "vegan is truth, which can't stand here"),
    ("index(cake, cake)", "names cake twice"),
    ("index(cake, order=cake)", "names cake twice"),
    ("index(order=n, newest_first='no')", "newest_first= is True or False, not 'no'"),
    ("index(cake, newest_first=True)", "newest_first= turns an order round, so order= says"),
    ("index(cake, where=n)", "where=n is whole, not a condition"),
    ("index(cake, where=cake is None)", f"where=False {AT_ONCE}"),
    ("search()", "search() names no column"),
    ("search(n)", "n is whole, which can't stand here"),
    ("search(cake, cake)", "names cake twice"),
    ("search([cake])", "[cake] is no column"),
    ("unique()", "unique() names no column"),
    ("unique('cake')", "'cake' is no column"),
    ("unique(soft)", "soft is real or None, which can't stand here"),
    ("unique(eaters)", "eaters is set of text, which can't stand here"),
    ("unique(cake, cake)", "names cake twice"),
    ("readers()", "readers() names no column"),
    ("readers(n)", "n says not who; name a column of text, a set of text or keyed rows"),
    ("readers('anyone')", "'anyone' says not who"),
    ("readers(role)", "role says not who"),
    ("readers(cake == 'ann')", "(cake == 'ann') says not who"),
    ("readers(Baked.baker)", "Baked.baker belongs to an event"),
    ("readers(anyone, where=cake)", "where=cake is text, not a condition"),
    ("readers(anyone, where=cake is not None)", f"where=True {AT_ONCE}"),
    ("readers(where=vegan)", "readers() names no column"),
]


@pytest.mark.parametrize(("mark", "rule"), MARKS)
def test_a_mark_names_columns_that_can_bear_it(mark: str, rule: str) -> None:
    said = mistake(f"{PLATE}    it = {mark}")
    assert said.startswith("Plate.it: ")
    assert rule in said


@pytest.mark.parametrize("mark", ["index", "search", "readers"])
def test_what_nobody_reads_has_no_lists(mark: str) -> None:
    said = mistake(f"class Plate(State):\n    cake = last(Baked.cake)\n    it = {mark}(cake)")
    assert said == f"Plate.it: {mark}(…) on a State, which nobody reads; make it a View"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{PLATE}    id = index(n)", "Plate.id: that name is taken"),
        (f"{PLATE}    exists = index(n)", "Plate.exists: that name is taken"),
        (f"{PLATE}    Newest = index(n)", "Plate.Newest: its name stands in addresses"),
        (f"{PLATE}    _newest = index(n)", "Plate._newest: its name stands in addresses"),
        (f"{PLATE}    nächste = index(n)", "Plate.nächste: its name stands in addresses"),
        (
            f"{PLATE}    it = index(n)\n\nclass Tray(Plate):\n    it = index(Plate.cake)",
            "Tray.it: that name is taken",
        ),
        (
            f"{PLATE}\nclass Tray(Plate):\n    cake = index(Plate.n)",
            "Tray.cake: that name is taken",
        ),
        (
            "class Plate(View, key=Baked.cake):\n    n = count(Baked)\n    it = unique(n)",
            "Plate.it: unique(…) is claimed by aggregates, not by rows of a key",
        ),
        (
            (
                "class One(State):\n    n = count(Baked)\n    it = unique(n)\n\n"
                "class Plate(One, View, key=Baked.cake): ..."
            ),
            "Plate.it: unique(…) is claimed by aggregates, not by rows of a key",
        ),
    ],
)
def test_a_mark_has_a_name_and_a_place_of_its_own(text: str, said: str) -> None:
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    "mark",
    [
        "index(cake, vegan, eaters, shelves, order=n, newest_first=True, where=n > 3)",
        "index(View.id, order=cake)",
        "search(cake, eaters, toppings)",
        "unique(cake, n)",
        "readers(cake, eaters, shelves, View.id, role('chef'), signed_in, where=not_(vegan))",
    ],
)
def test_what_a_mark_may_name(mark: str) -> None:
    with bakery(f"{PLATE}    it = {mark}") as module:
        assert list(module.Plate.__marks__) == ["it"]
