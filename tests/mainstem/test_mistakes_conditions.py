"""What a condition may look at, and what a derived column may compute."""

import pytest

from tests.mainstem.written import bakery, mistake

AT_ONCE = "is settled already: `is`, `in` and plain values are; say ==, !=, & and |"


@pytest.mark.parametrize(
    ("fold", "rule"),
    [
        ("count(Baked, where=Baked.slices)", "where=Baked.slices is whole, not a condition"),
        ("count(Baked, where='fresh')", "where='fresh': a condition on an event's own fields"),
        ("count(Baked, where=lambda b: True)", "where=<lambda>: a condition on an event's own"),
        ("count(Baked, where=[Baked.vegan])", "where=[Baked.vegan]: a condition on an event's"),
        ("count(Baked, where=Baked.baker is None)", f"where=False {AT_ONCE}"),
        ("count(Baked, where=Baked.baker is not None)", f"where=True {AT_ONCE}"),
        ("count(Baked, where=(Baked.baker is None) & Baked.vegan)", f"False {AT_ONCE}"),
        ("count(Baked, where=Baked.vegan | True)", f"True {AT_ONCE}"),
        ("count(Baked, where=not_(Baked.baker is None))", f"not(False): False {AT_ONCE}"),
        ("count(Baked, where=())", "where= says nothing of Baked; give a tuple with a condition"),
        ("count(Baked, Eaten, where=Baked.vegan)", "where= says nothing of Eaten; give a tuple"),
        ("count(Baked, Eaten, where=(Baked.vegan,))", "or Eaten itself to hear all of it"),
        ("flag(on=Baked, off=Eaten, where=Baked.vegan)", "where= says nothing of Eaten"),
        ("count(Baked, where=Eaten.slices > 1)", "where= speaks of Eaten, which this fold doesn't"),
        ("count(Baked, where=(Baked, Burnt))", "where= speaks of Burnt, which this fold doesn't"),
        ("count(Baked, where=(Baked.vegan, Baked.slices > 1))", "speaks of Baked twice; join them"),
        ("count(Baked, where=Baked.slices > Eaten.slices)", "looks at several events"),
        ("count(Baked, where=Cake.baked > 3)", "Cake.baked is a column; a fold hears events"),
        ("count(Baked, where=count(Eaten) > 3)", "count(…) is a column; a fold hears events"),
        ("count(Baked, where=at(Baked, Eaten) == None)", "(at(Baked), at(Eaten)) is several"),
        ("last(Baked.cake, where=says(True, Baked))", "says(True, Baked)) is several values"),
        ("count(Baked, where=Baked.slices == 'three')", "mixes whole and text"),
        ("count(Baked, where=Baked.slices > 1.5)", "mixes whole and real"),
        ("count(Baked, where=Baked.icing == 'vanilla')", "'vanilla' is not among lemon, mocha"),
        ("count(Baked, where=Baked.oven == 'gas')", "'gas' is not among new, old"),
        ("count(Baked, where=Baked.icing > 'lemon')", "a Icing has no order but its spelling's"),
        ("count(Baked, where=Baked.vegan > False)", "a truth has no order"),
        ("count(Baked, where=Baked.baker > None)", "a None has no order"),
        ("count(Baked, where=Baked.toppings == ())", "a list of text is not compared"),
        ("count(Baked, where=at(Baked) > datetime(2026, 1, 1))", "a moment without a time zone"),
        ("count(Baked, where=at(Baked) > date(2026, 1, 1))", "date is not stored"),
        ("count(Baked, where=Baked.sweetness > Decimal(1))", "Decimal is not stored"),
    ],
)
def test_a_condition_on_anything_but_the_event_is_refused(fold: str, rule: str) -> None:
    said = mistake(f"class Plate(State):\n    it = {fold}")
    assert said.startswith("Plate.it: ")
    assert rule in said


def test_a_condition_on_the_state_is_no_fold() -> None:
    text = "class Plate(State):\n    n = count(Eaten)\n    it = count(Baked, where=n > 3)"
    assert mistake(text).startswith("Plate.it: n is a column; a fold hears events: say Event.field")


@pytest.mark.parametrize(
    ("derived", "rule"),
    [
        ("baked is None", f"= False {AT_ONCE}"),
        ("baked == 'three'", "(baked == 'three') mixes whole and text"),
        ("eaters == eaters", "a set of text is not compared"),
        ("shelves == shelves", "a rows is not compared"),
        ("soft + 1", "arithmetic takes whole numbers, such as cents"),
        ("baked + soft", "arithmetic takes whole numbers"),
        ("baked & vegan", "&, | and not_ take conditions"),
        ("not_(baked)", "&, | and not_ take conditions"),
        ("vegan & (stale_at is None)", f"False {AT_ONCE}"),
        ("case((baked, 1), default=0)", "case(baked, 1, 0): each case starts with a condition"),
        ("case((baked is None, 1), default=0)", f"False {AT_ONCE}"),
        ("case((vegan, 'x'), default=0)", "mixes text and whole"),
        ("case((vegan, None), default=None)", "never changes; a constant goes above the class"),
        ("case(default=0)", "case(…) takes (condition, value) pairs, then default="),
        ("case((vegan, 1, 2), default=0)", "case(…) takes (condition, value) pairs"),
        ("coalesce(baker)", "coalesce(…) takes two values or more"),
        ("coalesce(baker, 3)", "coalesce(baker, 3) mixes text or None and whole"),
        ("coalesce(1, 2)", "never changes; a constant goes above the class"),
        ("later(baked, days=1)", "before and later take a moment"),
        ("later(stale_at)", "later(…): says no span; add days=, hours="),
        ("later(stale_at, days=0)", "later(…): says no span"),
        ("later(stale_at, days=-1)", "whole weeks, days, hours, minutes, seconds, none negative"),
        ("later(stale_at, days=1.5)", "later(…, days=1.5): whole weeks, days"),
        ("before(stale_at, months=1)", "before(…, months=1): whole weeks, days"),
        ("later(stale_at, days=10**9)", "36525 days at most, or the calendar would end"),
        ("later(stale_at, days=1, where=baked)", "where= is a condition"),
        ("later(stale_at, days=1, where=baker is None)", f"False {AT_ONCE}"),
        ("stale_at + timedelta(days=1)", "timedelta is not stored"),
        ("stale_at - stale_at", "arithmetic takes whole numbers"),
        ("size(baked)", "size(baked): size counts rows, a set or a list, not whole"),
        ("size(baker)", "size counts rows, a set or a list, not text or None"),
        ("size(Shelf)", "Shelf is no constant here"),
        ("size(eaters, where=eaters == 'ann')", "only keyed rows have columns for where= to"),
        ("size(shelves, where=Shelf.slices)", "where= is a condition"),
        ("size(shelves, where=baked > 1)", "baked: give it a name of its own first"),
        ("size(shelves, where=Cake.baked > 1)", "Cake.baked is of another state; Shelf doesn't"),
        ("size(shelves, where=Shelf.key == 'tart')", "id and key are no columns"),
        ("size(shelves, where=Shelf.slices is None)", f"False {AT_ONCE}"),
        ("Baked.cake", "Baked.cake belongs to an event; name a column, or fold it first"),
        ("at(Baked)", "at(Baked) belongs to an event"),
        ("says('in', Baked)", "belongs to an event"),
        ("Tray.n + 1", "Tray.n is of another state; Plate doesn't inherit it"),
        ("count(Baked) + count(Eaten)", "count(…): give it a name of its own first"),
        ("State.id == 'tart'", "looks at id or key, which stand in every row"),
        ("State.key == 'tart'", "State.key: only a state with key= has one"),
        ("fold_ == 3", "a python is not compared"),
        ("1 < baked < 5", "names a value that doesn't exist yet"),
        ("baked > 1 & baked < 5", "names a value that doesn't exist yet"),
        ("baked > 1 and vegan", "names a value that doesn't exist yet"),
        ("len(shelves)", "names a value that doesn't exist yet"),
        ("shelves['tart']", "names a value that doesn't exist yet"),
        ("case(vegan, 1, default=0)", "names a value that doesn't exist yet"),
    ],
)
def test_a_derived_column_that_engines_read_differently_is_refused(derived: str, rule: str) -> None:
    assert rule in mistake(f"{PLATE}    it = {derived}")


PLATE = """
class Tray(State):
    n = count(Baked)


class Plate(State):
    baked = count(Baked)
    baker = last(Baked.baker)
    vegan = flag(on=Baked, off=Eaten)
    soft = last(Baked.sweetness, default=0.5)
    stale_at = last(Baked.stale_at)
    eaters = distinct(by(Eaten))
    shelves = keyed(Shelf)
    fold_ = fold(0, {Baked: count_})
"""


@pytest.mark.parametrize(
    "derived",
    [
        "(1 < baked) & (baked < 5)",
        "(baker == None) | not_(vegan)",
        "case((baker != None, baker), default='nobody')",
        "coalesce(baker, 'nobody')",
        "later(before(stale_at, weeks=2), days=1, hours=2, where=vegan)",
        "size(shelves, where=Shelf.slices > 3)",
        "-baked // 3 % baked",
    ],
)
def test_what_engines_read_alike_may_be_derived(derived: str) -> None:
    with bakery(f"{PLATE}    it = {derived}") as module:
        assert "it" in module.Plate.__columns__
