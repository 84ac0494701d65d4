"""What a command may be asked with, by whom, when, and what decides it."""

import pytest

from tests.mainstem.written import bakery, mistake

DECIDE = "    def decide(self, cake): yield from ()"
WHO = "says not who; name a column of text, a set of text or keyed rows, or say role("


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("start=True", "Bake: no such option: start; starts=, by=, at= and again="),
        ("starts=1", "Bake: starts= is True or False, not 1"),
        ("again='yes'", "Bake: again= is True or False, not 'yes'"),
        ("by='baker'", f"Bake: by= 'baker' {WHO}"),
        ("by=role", f"Bake: by= role {WHO}"),
        ("by=by", f"Bake: by= by {WHO}"),
        ("by=id", "Bake: by= `id` is Python's own function here; say View.id or State.id"),
        ("by=[anyone]", "Bake: by= ["),
        ("by=False", f"Bake: by= False {WHO}"),
        ("by=()", "Bake: by=() lets nobody; drop the command, or say who may"),
        ("by=Cake.baked", f"Bake: by= Cake.baked {WHO}"),
        ("by=Cake.baker == 'ann'", f"Bake: by= (Cake.baker == 'ann') {WHO}"),
        ("by=(anyone, Cake.stale_at)", f"Bake: by= Cake.stale_at {WHO}"),
        ("by=Baked.baker", "Bake: by= Baked.baker belongs to an event; name a column, or fold"),
        ("by=Shelf.slices", "Bake: by= Shelf.slices is of another state; Cake doesn't inherit it"),
        ("by=Cake.key", "Bake: by= Cake.key: only a state with key= has one"),
        ("by=Cake.baker or anyone", "Cake.baker names a value that doesn't exist yet"),
        ("by=role('')", "role(''): a role has a name"),
        ("by=role(7)", "role(7): a role has a name"),
        ("at='stale_at'", "Bake: at= names a moment of Cake"),
        ("at=Baked.stale_at", "Bake: at= names a moment of Cake"),
        ("at=later(Cake.stale_at, days=1)", "Bake: at= names a moment of Cake"),
        ("at=Cake.baked", "Bake: at=Cake.baked is whole, not a moment"),
        ("at=tickets.Ticket.opened_at", "Bake: at= Ticket.opened_at is of another state"),
    ],
)
def test_an_option_that_would_let_nobody_or_never_is_refused(options: str, said: str) -> None:
    assert mistake(f"class Bake(Command[Cake], {options}):\n{DECIDE}").startswith(said)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        *(
            (f"{name}: str", "shadows an attribute of every command")
            for name in "at by fresh proves asked which decide copy json schema mro".split()
        ),
        ("_slices: int", "a leading underscore would not be asked for; drop it"),
        ("_slices = 3", "says no type, so it is no field; a constant goes above"),
        ("slices = 3", "says no type, so it is no field; a constant goes above"),
        ("Slices: int", "a field's name is snake_case ASCII"),
        ("größe: int", "a field's name is snake_case ASCII"),
        ("slices: ClassVar[int] = 3", "a constant is no field; it goes above the class"),
        ("slices: Final[int] = 3", "a constant is no field; it goes above the class"),
        ("slices: int = 'three'", "its default 'three' is none: Input should be a valid integer"),
        ("slices: float = float('nan')", "a real number is finite"),
        ("slices: int = 2**53", "whole numbers end at 2**53 - 1"),
        ("slices: int = Field(alias='n')", "an alias is a second name"),
        ("on: datetime = Field(default_factory=datetime.now)", "a default is a constant"),
        ("toppings: list[str]", "a list can change; say tuple[X, ...]"),
        ("toppings: list[str] = []", "a list can change; say tuple[X, ...]"),
        ("toppings: dict[str, int]", "a dict can change"),
        ("toppings: set[str]", "a set can change"),
        ("toppings: tuple[list[str], ...]", "a list can change"),
        ("toppings: list[str] | None", "a list can change"),
        ("toppings: Any", "could be anything; say what it is"),
        ("toppings: tuple[Any, ...]", "could be anything; say what it is"),
        ("toppings: object", "could be anything; say what it is"),
        ("model_config = {'frozen': False}", "shadows an attribute of every command"),
        ("def at(self): ...", "shadows an attribute of every command"),
        ("def fresh(self): ...", "shadows an attribute of every command"),
        ("def asked(self, asked): ...", "shadows an attribute of every command"),
        ("def __init__(self): ...", "shadows an attribute of every command"),
    ],
)
def test_a_field_that_is_no_plain_request_is_refused(field: str, rule: str) -> None:
    said = mistake(f"class Bake(Command[Cake]):\n    {field}\n{DECIDE}")
    assert said.startswith("Bake.")
    assert rule in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class Bake(Command[Cake]): ...", "Bake: says no decide(self, state), so nothing would"),
        ("class Bake(Command):\n" + DECIDE, "Bake: say what it decides on, as in Command[Ticket]"),
        ("class Bake(Command['Cake']):\n" + DECIDE, "Bake: say what it decides on"),
        ("class Bake(Command[Baked]):\n" + DECIDE, "Bake: say what it decides on"),
        ("class Bake(Command[int]):\n" + DECIDE, "Bake: say what it decides on"),
        ("class Bake(Command[Shelf]):\n" + DECIDE, "Bake: decides on a whole aggregate; Shelf is"),
        (
            "class Bake(Command[tickets.Ticket]):\n" + DECIDE,
            "Bake: decides on Ticket, which is another file's",
        ),
        ("class bake(Command[Cake]):\n" + DECIDE, "bake: a command's name is CamelCase ASCII"),
        ("class Bake(Command[Cake]):\n    on: Later\n" + DECIDE, "Bake: a field's type is unknown"),
        (
            "class Bake(Command[Cake]):\n    on: Cake\n" + DECIDE,
            "Bake: pydantic can't read a field",
        ),
        (
            "class Bake(Command[Cake]):\n" + DECIDE + "\n\nclass Ice(Bake):\n" + DECIDE,
            "Ice: say what it decides on",
        ),
        (
            "class Lent: ...\n\nclass Bake(Command[Cake], Lent):\n" + DECIDE,
            "Bake: a command inherits from Command[…] alone",
        ),
        ("class Oven:\n    class Bake(Command[Cake]):\n    " + DECIDE, "Oven.Bake: is hidden"),
    ],
)
def test_a_command_decides_on_a_state_of_its_file(text: str, said: str) -> None:
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    "decide",
    [
        "def decide(self): yield from ()",
        "def decide(self, cake, shelf): yield from ()",
        "async def decide(self, cake): yield Burnt(cake='tart')",
        "async def decide(self, cake): return ()",
        "decide = staticmethod(lambda cake: ())",
        "@classmethod\n    def decide(cls, cake): yield from ()",
        "@property\n    def decide(self): return lambda cake: ()",
    ],
)
def test_decide_is_a_plain_method(decide: str) -> None:
    said = mistake(f"class Bake(Command[Cake]):\n    {decide}")
    assert said == "Bake.decide: is a plain method, decide(self, state)"


@pytest.mark.parametrize(
    "which",
    ["def which(self, cake): return cake", "async def which(self): return 'tart'"],
)
def test_which_is_a_plain_method(which: str) -> None:
    said = mistake(f"class Bake(Command[Cake]):\n    {which}\n{DECIDE}")
    assert said == "Bake.which: is a plain method, which(self)"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("slices: int", "Toss: a timer asks with no body, so every field has a default"),
        ("def which(self): return 'tart'", "Toss: a timer asks the aggregate whose it is; drop"),
    ],
)
def test_a_timer_asks_its_own_aggregate_with_no_body(body: str, said: str) -> None:
    text = f"class Toss(Command[Cake], at=Cake.stale_at):\n    {body}\n{DECIDE}"
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        f"class Bake(Command[Cake], starts=True, by=anyone, again=True):\n{DECIDE}",
        f"class Bake(Command[Cake], by=(Cake.baker, Cake.eaters, Cake.shelves)):\n{DECIDE}",
        f"class Bake(Command[Cake], by=(role('chef'), Cake.id, system)):\n{DECIDE}",
        f"class Toss(Command[Cake], at=Cake.stale_at):\n    slices: int = 0\n{DECIDE}",
        f"class Bake(Command[Cake]):\n    id: str\n    version: int\n    price: Decimal\n{DECIDE}",
        f"class Bake(Command[Cake]):\n    tags: frozenset[str] = frozenset()\n{DECIDE}",
        "class Bake(Command[Cake]):\n    def decide(self, cake): return [Burnt(cake='tart')]",
    ],
)
def test_what_a_command_may_say(text: str) -> None:
    with bakery(text) as module:
        assert module.Cake in [v.__state__ for v in vars(module).values() if _is_command(v)]


def _is_command(value: object) -> bool:
    return getattr(value, "__state__", None) is not None
