"""A mistake changes nothing but the class that made it: what stands beside it stays as it was."""

from typing import Any

import pytest

from mainstem import Mistake
from mainstem._event import events_of
from mainstem.discovery import domain_of
from mainstem.fingerprint import fingerprint
from tests.mainstem.written import bakery, run

DECIDE = "    def decide(self, cake): yield from ()"
PAIRS = [
    ("class Iced(Event):\n    glaze: list[str]", "class Iced(Event):\n    glaze: str"),
    ("class Iced(Event, was='Baked'): ...", "class Iced(Event, was='Glazed'): ..."),
    ("class Iced(Event):\n    cake: int", "class Iced(Event):\n    cake: str"),
    ("class Iced(Event):\n    _glaze: str", "class Iced(Event):\n    glaze: str"),
    (
        "class Iced(Event):\n    glaze: int\n    icing: int",
        "class Glazed(Event):\n    glaze: str",  # the kind that Iced would have claimed
    ),
    (
        "class Iced(Event, was='Frosted'):\n    cake: int",
        "class Frosted(Event): ...",  # the name that Iced would have claimed
    ),
    ("@upcast(Burnt, of=2)\ndef f(d): return d", "@upcast(Eaten, of=1)\ndef f(d): return d"),
    (
        "class Plate(Cake):\n    n = count(Eaten)\n    baked = count(Eaten)",
        "class Plate(Cake):\n    n = count(Eaten)",
    ),
    (
        "class Plate(Cake):\n    many = Cake.baked > 3\n    it = index(many, many)",
        "class Plate(Cake):\n    many = Cake.baked > 3\n    it = index(many)",
    ),
    (
        "class Plate(State, key=Baked.cake):\n    n = count(Eaten)",
        "class Plate(State, key=Baked.cake):\n    n = count(Baked)",
    ),
    (
        f"class Bake(Command[Cake], by=()):\n{DECIDE}",
        f"class Bake(Command[Cake], starts=True):\n{DECIDE}",
    ),
    (
        f"class Bake(Command[Shelf]):\n{DECIDE}",
        f"class Bake(Command[Cake], starts=True):\n{DECIDE}",
    ),
    (
        "@on(Burnt)\ndef tell(e: Burnt, c: Shelf): ...",
        "@on(Baked)\ndef tell(e: Baked, c: Cake): yield from ()",
    ),
]


@pytest.mark.parametrize(("wrong", "right"), PAIRS)
def test_a_mistake_can_be_mended_in_the_same_file(wrong: str, right: str) -> None:
    with bakery() as module:
        before = _all_of(module)
        with pytest.raises(Mistake):
            run(wrong, module)
        assert _all_of(module) == before
        run(right, module)
        domain_of(module)


def _all_of(module: Any) -> object:
    """What the file declares, as far as others can see it."""
    events = {event.__name__: repr(event.__shape__) for event in events_of(module.__name__)}
    states = {s: fingerprint(getattr(module, s)) for s in ("Cake", "Shelf")}
    columns = {s: list(getattr(module, s).__columns__) for s in states}
    names = {name for name in vars(module) if "[" not in name}  # pydantic keeps Command[Cake] there
    return events, states, columns, sorted(domain_of(module).commands), names
