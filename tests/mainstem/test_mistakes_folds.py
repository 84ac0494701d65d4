"""What a fold may hear, and combine."""

import pytest

from tests.mainstem.written import mistake

SAY = "say Event.field, at(Event), by(Event) or says(value, Event)"
NOT_YET = "names a value that doesn't exist yet"
FOLDS = [
    # an event gives one value to a fold
    ("last(Baked.cake, Baked.baker)", "hears Baked twice; one event gives one value to a fold"),
    ("last(Baked.cake, Baked.cake)", "hears Baked twice"),
    ("count(Baked, Baked)", "hears Baked twice"),
    ("flag(on=Baked, off=Baked)", "hears Baked twice"),
    ("last(says('in', Baked), says('out', Baked))", "hears Baked twice"),
    ("last(Baked.cake, at(Baked))", "hears Baked twice"),
    # what is heard
    ("last()", f"last() hears nothing; {SAY}"),
    ("count()", f"count() hears nothing; {SAY}"),
    ("flag(on=())", f"flag() hears nothing; {SAY}"),
    ("last(at())", "last() hears nothing"),
    ("last(says('in'))", "last() hears nothing"),
    ("last(Baked)", f"last(Baked): say which of its fields; {SAY}"),
    ("total(Baked)", "total(Baked): say which of its fields"),
    ("last('cake')", f"last('cake'): {SAY}"),
    ("last(None)", f"last(None): {SAY}"),
    ("last([Baked.cake])", f"last([Baked.cake]): {SAY}"),
    ("last((Baked.cake, Eaten.cake))", f"last((Baked.cake, Eaten.cake)): {SAY}"),
    ("total(Baked.slices, 3)", f"total(3): {SAY}"),
    ("count(Event)", "count(Event): count takes events, as in count(Submitted)"),
    ("count(Baked.cake)", "count(Baked.cake): count takes events"),
    ("count('Baked')", "count('Baked'): count takes events"),
    ("count((Baked, Eaten))", "count((Baked, Eaten)): count takes events"),
    ("flag(on=Baked.vegan)", "says(True, Baked.vegan) takes events, not Baked.vegan"),
    ("flag(on=[Baked, Eaten])", "takes events, not [Baked, Eaten]"),
    ("flag(on=Event)", "says(True, Event) takes events, not Event"),
    ("last(at(Baked.cake))", "at(Baked.cake) takes events, not Baked.cake"),
    ("last(by('Baked'))", "by('Baked') takes events, not 'Baked'"),
    ("last(says(Baked, 'in'))", "says(Baked, 'in') takes events, not 'in'"),
    ("last(says(['in'], Baked))", "['in'] is no constant here: list is not stored"),
    ("last(says(('in', 1), Baked))", "its items are of several kinds"),
    ("last(says(None, Baked))", "last(…) of None: there is nothing to carry"),
    ("last(says((), Baked))", "there is nothing to carry"),
    ("last(coalesce(Baked.baker, Eaten.cake))", "looks at several events"),
    ("last(case((Baked.vegan, 1), default='x'))", "mixes whole and text"),
    ("last(size(Baked.toppings))", "size(Baked.toppings): size counts a column, once it is"),
    # one kind a column
    ("last(Baked.cake, Eaten.slices)", "last(…) mixes text and whole; a column holds one kind"),
    ("last(Baked.icing, Eaten.cake)", "last(…) mixes Icing and text"),
    ("last(says('in', Baked), says(1, Eaten))", "last(…) mixes text and whole"),
    ("total(Baked.cake)", "total(…) of text: a sum is of whole numbers, such as cents"),
    ("total(Baked.sweetness)", "total(…) of real: a sum is of whole numbers"),
    ("total(Baked.vegan)", "total(…) of truth: a sum is of whole numbers"),
    ("total(at(Baked))", "total(…) of moment: a sum is of whole numbers"),
    ("lowest(Baked.icing)", "lowest(…) of Icing: it has no order but its spelling's"),
    ("highest(Baked.oven)", "highest(…) of one of new, old: it has no order"),
    ("lowest(Baked.vegan)", "lowest(…) of truth: it has no order"),
    ("highest(Baked.toppings)", "highest(…) of list of text: it has no order"),
    ("distinct(Baked.sweetness)", "distinct(…) of real: members are text, whole numbers"),
    ("distinct(Baked.toppings)", "distinct(…) of list of text: members are"),
    ("latest(Baked.toppings, n=2)", "latest(…) of list of text: a list of lists"),
    ("latest(Baked.cake, n=0)", "latest(…, n=0): n is a whole number from 1 to 100"),
    ("latest(Baked.cake, n=101)", "latest(…, n=101): n is a whole number from 1 to 100"),
    ("latest(Baked.cake, n=True)", "latest(…, n=True): n is a whole number"),
    ("latest(Baked.cake, n=2.0)", "latest(…, n=2.0): n is a whole number"),
    # default=
    ("last(Baked.slices, default='x')", "default='x' is text, but it folds whole"),
    ("last(Baked.slices, default=True)", "default=True is truth, but it folds whole"),
    ("last(Baked.slices, default=1.5)", "default=1.5 is real, but it folds whole"),
    ("last(Baked.sweetness, default=1)", "default=1 is whole, but it folds real"),
    ("last(Baked.icing, default='lemon')", "default='lemon' is text, but it folds Icing"),
    ("last(Baked.oven, default='rusty')", "default='rusty' is text, but it folds one of new, old"),
    ("last(Baked.toppings, default=[])", "[] is no constant here: list is not stored"),
    ("last(Baked.toppings, default={})", "{} is no constant here: dict is not stored"),
    ("last(Baked.toppings, default=(1,))", "default=[1] is list of whole, but it folds list"),
    ("last(Baked.cake, default=Baked.cake)", "Baked.cake is no constant here"),
    ("last(Baked.stale_at, default=datetime(2026, 1, 1))", "a moment without a time zone"),
    ("first(Baked.sweetness, default=float('inf'))", "a real number is finite"),
    # the escape hatch
    ("fold(0, {})", "fold(…) hears nothing; give it a step for an event"),
    ("fold(0, [Baked])", "fold(…) hears nothing; give it a step for an event"),
    ("fold(0, {Baked: 3})", "fold(…): steps map events to functions of (value, happened)"),
    ("fold(0, {Baked: lambda v, h: v})", "<lambda>: changes are told by its text, so it begins"),
    ("fold(0, {Event: lambda v, h: v})", "fold(…): steps map events to functions"),
    ("fold(0, {'Baked': lambda v, h: v})", "fold(…): steps map events to functions"),
    ("fold(0, {Baked: lambda v: v})", "fold(…): steps map events to functions"),
    ("fold(0, {Baked: print})", "fold(…): steps map events to functions"),
    ("fold({1: 2}, {Baked: count_})", "fold(…): the keys of a dict are text"),
    ("fold({1, 2}, {Baked: count_})", "fold(…): set is not stored"),
    ("fold(2**53, {Baked: count_})", "fold(…): whole numbers end at"),
    # other files, rows without a key
    ("count(tickets.Closed)", "hears Closed of domains.tickets; a state folds its own file's"),
    ("last(tickets.Renamed.title)", "hears Renamed of domains.tickets"),
    ("fold(0, {tickets.Closed: count_})", "hears Closed of domains.tickets"),
    ("keyed(tickets.Watcher)", "hears Watched of domains.tickets"),
    ("keyed(Cake)", "keyed(Cake): give that State a key=, as in key=Joined.user"),
    ("keyed(Baked)", "keyed(Baked): give that State a key="),
    ("keyed('Shelf')", "keyed('Shelf'): give that State a key="),
    ("keyed(Shelf())", "give that State a key="),
]


@pytest.mark.parametrize(("fold", "rule"), FOLDS)
def test_a_fold_that_no_engine_could_agree_on_is_refused(fold: str, rule: str) -> None:
    said = mistake(f"class Plate(State):\n    it = {fold}")
    assert said.startswith("Plate.it: ")
    assert rule in said


@pytest.mark.parametrize(
    "read",
    [
        'last(f"{Baked.cake}!")',
        "last(str(Baked.cake))",
        "last('%s' % Baked.cake)",
        "last('{}'.format(Baked.cake))",
        "last(Baked.cake if Baked.vegan else Baked.baker)",
        "last(Baked.baker or Baked.cake)",
        "count(Baked, where=Baked.vegan and Baked.slices > 3)",
        "count(Baked, where=not Baked.vegan)",
        "count(Baked, where=0 < Baked.slices < 9)",
        "count(Baked, where=Baked.cake in ('tart', 'pie'))",
        "count(Baked, where='tart' in Baked.cake)",
        "count(Baked, where=~Baked.vegan)",
        "last(len(Baked.toppings))",
        "last(*Baked.toppings)",
        "last(Baked.toppings[0])",
        "last(sorted(Baked.toppings))",
        "last(int(Baked.cake))",
        "last(float(Baked.slices))",
        "last(abs(Baked.slices))",
        "last(max(Baked.slices, 3))",
        "last(Baked.cake())",
        "last(range(Baked.slices))",
    ],
)
def test_a_value_that_is_not_there_yet_can_not_be_read(read: str) -> None:
    said = mistake(f"class Plate(State):\n    it = {read}")
    assert NOT_YET in said
    assert "Baked." in said


@pytest.mark.parametrize(
    ("sum_", "rule"),
    [
        ("Baked.slices / 2", "Baked.slices / 2: engines round differently; say //"),
        ("2 / Baked.slices", "engines round differently; say //"),
        ("Baked.slices + 0.5", "arithmetic takes whole numbers, such as cents"),
        ("Baked.sweetness * 2", "arithmetic takes whole numbers, such as cents"),
        ("Baked.cake + '!'", "arithmetic takes whole numbers, such as cents"),
        ("Baked.vegan + 1", "arithmetic takes whole numbers, such as cents"),
        ("Baked.slices + 2**53", "whole numbers end at 2**53 - 1"),
        *(
            (f"Baked.slices {sign} 2", "Baked.slices: a fold knows + - * // %")
            for sign in ("**", "<<", ">>", "^", "@")
        ),
        *((f"2 {sign} Baked.slices", "Baked.slices: a fold knows") for sign in ("**", "<<", "^")),
        ("divmod(Baked.slices, 2)", "Baked.slices: a fold knows + - * // %"),
        ("round(Baked.sweetness)", "Baked.sweetness: a fold knows + - * // %"),
        ("+Baked.slices", "Baked.slices: a fold knows + - * // %"),
    ],
)
def test_arithmetic_that_engines_do_differently_is_refused(sum_: str, rule: str) -> None:
    assert rule in mistake(f"class Plate(State):\n    it = last({sum_})")


@pytest.mark.parametrize(
    "step",
    ["async def step(v, h): return v", "def step(v, h): yield v", "def step(v, h, more): ..."],
)
def test_a_step_that_could_not_run_is_refused(step: str) -> None:
    said = mistake(f"{step}\n\nclass Plate(State):\n    it = fold(0, {{Baked: step}})")
    assert said == "Plate.it: fold(…): steps map events to functions of (value, happened)"


def test_a_step_that_closes_over_values_is_refused() -> None:
    text = "def make(n):\n    def step(v, h): return v + n\n    return step\n\nstep = make(3)\n"
    said = mistake(f"{text}\nclass Plate(State):\n    it = fold(0, {{Baked: step}})")
    assert said == "Plate.it: step: closes over values, which have no text; give them names above"


def test_one_fold_is_one_column() -> None:
    twice = "are the same fold; write it out for each"
    said = mistake("class Plate(State):\n    cakes = count(Baked)\n    same = cakes")
    assert said == f"Plate.cakes: Plate.cakes and Plate.same {twice}"
    cakes = (
        "cakes = count(Baked)\n\nclass Plate(State):\n    a = cakes\n\nclass Tray(State):\n    b = "
    )
    assert mistake(f"{cakes}cakes") == f"Tray.b: Plate.a and Tray.b {twice}"


def test_a_field_has_no_methods() -> None:
    with pytest.raises(AttributeError, match=r"Baked.cake.upper: .* doesn't exist yet"):
        mistake("class Plate(State):\n    it = last(Baked.cake.upper())")
