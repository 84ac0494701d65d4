"""What a state may call its columns, inherit, and be keyed by."""

import pytest

from tests.mainstem.written import bakery, mistake

TAKEN = "every state has an attribute of that name; call it otherwise"
SNAKE = "a column's name is snake_case ASCII, for SQL sees it"
ELSEWHERE = "is from elsewhere; a fold is called, with (…)"
GLAZED = "\n\nclass Glazed(Event):\n    cake: str\n    on: str | None\n\n"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((name, TAKEN) for name in "id key version changed_at exists after row of_row".split()),
        *((name, TAKEN) for name in "tenant domain _id _key _cells _row _value".split()),
        *((name, SNAKE) for name in ("Slices", "größe", "__slices", "_Slices", "s" * 63)),
    ],
)
def test_a_column_has_a_name_of_its_own(name: str, rule: str) -> None:
    said = mistake(f"class Plate(State):\n    {name} = count(Baked)")
    assert said.startswith("Plate.")
    assert rule in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("it = 3", "Plate.it = 3: a State holds folds; a constant goes above the class"),
        ("it = None", "Plate.it = None: a State holds folds"),
        ("it = [count(Baked)]", "Plate.it = [count(…)]: a State holds folds"),
        ("it = count(Baked),", "Plate.it = (count(…),): a State holds folds"),
        ("it: int", "Plate.it: says a type but no fold, so it would stay empty"),
        ("it = count", f"Plate.it = count {ELSEWHERE}"),
        ("it = index", f"Plate.it = index {ELSEWHERE}"),
        ("it = Baked", f"Plate.it = Baked {ELSEWHERE}"),
        ("it = lambda self: 3", f"Plate.it = <lambda> {ELSEWHERE}"),
        ("def row(self): ...", f"Plate.row: {TAKEN}"),
        ("def exists(self): ...", f"Plate.exists: {TAKEN}"),
        ("id = property(lambda self: 3)", f"Plate.id: {TAKEN}"),
        ("@property\n    def version(self): ...", f"Plate.version: {TAKEN}"),
        ("__slots__ = ('it',)", "Plate.it = "),
    ],
)
def test_a_line_that_is_neither_fold_nor_method_is_refused(line: str, said: str) -> None:
    assert mistake(f"class Plate(State):\n    {line}").startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "class Plate(Cake):\n    baked = count(Eaten)",
            "Plate.baked: already a column of a base; give it another name",
        ),
        ("class Plate(Cake):\n    def baked(self): ...", "Plate.baked: already a column of a base"),
        ("class Plate(Cake):\n    baked = 3", "Plate.baked = 3: a State holds folds"),
        (
            "class A(State):\n    def n(self): ...\n\nclass Plate(A):\n    n = count(Baked)",
            f"Plate.n: {TAKEN}",
        ),
        (
            (
                "class A(State):\n    n = count(Baked)\n\nclass B(State):\n    n = count(Baked)\n\n"
                "class Plate(A, B): ..."
            ),
            "Plate.n: two of its bases declare it differently",
        ),
        ("class Plate(Shelf): ...", "Plate: Shelf has a key; share its columns without"),
        (
            "class Mixin:\n    n = count(Baked)\n\nclass Plate(Mixin, State): ...",
            "Plate.n: Mixin is no State, so it would be lost",
        ),
        (
            "class Mixin:\n    i = index(order=Cake.baked)\n\nclass Plate(Cake, Mixin): ...",
            "Plate.i: Mixin is no State, so it would be lost",
        ),
        (
            "class Plate(tickets.Ticket):\n    n = count(Baked)",
            "Plate: Ticket folds the events of another file",
        ),
        (
            "class Outer:\n    class Plate(State): ...",
            "Outer.Plate: is hidden inside another; it goes to the file's top level",
        ),
        ("class Plate(State, kee=Baked.cake): ...", "Plate: no such option: kee; key= and gone="),
    ],
)
def test_a_base_that_says_otherwise_is_refused(text: str, said: str) -> None:
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("key=Baked", "Plate: key= Baked: say Event.field"),
        ("key='cake'", "Plate: key= 'cake': say Event.field"),
        ("key=None", "Plate: key= None: say Event.field"),
        ("key=Baked.baker", "Plate: key= Baked.baker is text or None; a key is text and never"),
        ("key=Baked.slices", "Plate: key= Baked.slices is whole; a key is text"),
        ("key=Baked.toppings", "Plate: key= Baked.toppings is list of text; a key is text"),
        ("key=at(Baked)", "Plate: key= at(Baked) is moment; a key is text"),
        ("key='c' + Baked.cake", "Plate: key= ('c' + Baked.cake): arithmetic takes whole"),
        ("key=Cake.cake", "Plate: key= Cake.cake is a column; a fold hears events"),
        ("key=tickets.Renamed.title", "Plate: key= hears Renamed of domains.tickets"),
        ("key=(Baked.cake, Baked.oven)", "Plate: key= names Baked twice"),
        ("key=(Baked.cake, by(Baked, Eaten))", "Plate: key= names Baked twice"),
        ("gone=Burnt.cake", "Plate: gone= takes rows away, so key= must make them"),
        ("key=Baked.cake, gone=Burnt", "Plate: gone= Burnt: say Event.field"),
        ("key=Baked.cake, gone=Baked.oven", "Plate: Baked both makes a row and takes it away"),
        ("key=Baked.cake, gone=(Burnt.cake, Burnt.cake)", "Plate: gone= names Burnt twice"),
        ("key=Baked.cake, gone=Glazed.on", "Plate: gone= Glazed.on is text or None; a key is"),
    ],
)
def test_a_key_that_could_miss_is_refused(options: str, said: str) -> None:
    text = f"{GLAZED}class Plate(State, {options}):\n    n = count(Baked)"
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    ("column", "event"),
    [
        ("count(Baked, Eaten)", "Eaten"),
        ("last(at(Eaten))", "Eaten"),
        ("count(Burnt)", "Burnt"),
        ("keyed(Shelf)", "Burnt"),
        ("fold(0, {Eaten: count_})", "Eaten"),
    ],
)
def test_a_row_hears_only_events_that_name_it(column: str, event: str) -> None:
    said = mistake(f"class Plate(State, key=Baked.cake):\n    it = {column}")
    assert said == f"Plate.it hears {event}, which has no key here; add {event}.… to key="


def test_bases_may_meet_again() -> None:
    text = "class A(State):\n    n = count(Baked)\n\nclass B(A): ...\n\nclass C(A): ...\n\n"
    with bakery(text + "class Plate(B, C):\n    def many(self): return self.n > 9") as module:
        assert list(module.Plate.__columns__) == ["n"]


def test_a_class_beside_states_may_lend_methods() -> None:
    text = "class Lent:\n    def many(self): return self.n > 9\n\n"
    with bakery(text + "class Plate(Lent, State):\n    n = count(Baked)") as module:
        assert module.Plate().many() is False
