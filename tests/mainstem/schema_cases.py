"""Changes of a shop's events, before and after: what breaks, what to write, and what only grows."""

from __future__ import annotations

import sys
from textwrap import dedent, indent
from types import ModuleType
from typing import NamedTuple

from mainstem.discovery import Domain, domain_of
from mainstem.schema import Change, diff, snapshot

PRELUDE = """
from __future__ import annotations
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal
from mainstem import Event, upcast, was
"""


def domain(source: str) -> Domain:
    """The domain `shop` that this source declares."""
    module = ModuleType("schemas.shop")
    sys.modules[module.__name__] = module
    exec(PRELUDE + source, vars(module))
    return domain_of(module)


def event(fields: str, name: str = "Sold", options: str = "") -> str:
    """The source of one event; what follows a blank line stands outside its class."""
    inside, _, outside = dedent(fields).strip().partition("\n\n")
    return f"class {name}(Event{options}):\n{indent(inside, '    ')}\n\n{outside}\n"


def changes(before: str, after: str) -> list[Change]:
    now = domain(after)
    return diff(snapshot(domain(before)), snapshot(now), now.events)


class Case(NamedTuple):
    before: str
    after: str
    where: str
    what: str
    cures: tuple[str, ...]


UP = "@upcast(Sold, of=1)\ndef sold_2(data: dict[str, Any]) -> dict[str, Any]:\n    return "
CHOICE = 'size: Literal["big", "small"]'

BREAKS = {
    "a field is removed": Case(
        event("what: str\nby_whom: str"),
        event("what: str"),
        "Sold.by_whom",
        "was removed, but is stored",
        (
            "by_whom: str",
            UP + '{name: value for name, value in data.items() if name != "by_whom"}',
        ),
    ),
    "a field is renamed": Case(
        event("what: str\nbuyer: str"),
        event("what: str\ncustomer: str"),
        "Sold.buyer",
        "was removed, but is stored",
        (
            'customer: str = was("buyer")',
            "buyer: str",
            UP + '{name: value for name, value in data.items() if name != "buyer"}',
        ),
    ),
    "a field with a default is renamed": Case(
        event('what: str\nbuyer: str = "nobody"'),
        event('what: str\ncustomer: str = "nobody"'),
        "Sold.buyer",
        "was removed",
        ('customer: str = was("buyer", default="nobody")', 'buyer: str = "nobody"', UP),
    ),
    "text becomes a number": Case(
        event("cents: str"),
        event("cents: int"),
        "Sold.cents",
        "was text and is whole now",
        (UP + '{**data, "cents": int(data["cents"])}', "cents: str"),
    ),
    "one becomes several": Case(
        event("tag: str"),
        event("tag: tuple[str, ...]"),
        "Sold.tag",
        "was text and is list of text now",
        (UP + '{**data, "tag": [data["tag"]]}', "tag: str"),
    ),
    "a moment becomes text": Case(
        event("due: datetime"),
        event("due: str"),
        "Sold.due",
        "was moment and is text now",
        (UP + '{**data, "due": ...}', "due: datetime"),
    ),
    "a field that might be None is retyped": Case(
        event("cents: str | None = None"),
        event("cents: int | None = None"),
        "Sold.cents",
        "was text and is whole now",
        (
            UP + '{**data, "cents": None if data.get("cents") is None else int(data.get("cents"))}',
            "cents: str | None = None",
        ),
    ),
    "a required field is added": Case(
        event("what: str"),
        event("what: str\ncents: int"),
        "Sold.cents",
        "was added and is required, but stored events say nothing of it",
        ("cents: int = 0", UP + '{"cents": 0, **data}'),
    ),
    "a default is dropped": Case(
        event("cents: int = 7"),
        event("cents: int"),
        "Sold.cents",
        "said 7 where an event says nothing, and is required now",
        (UP + '{"cents": 7, **data}', "cents: int = 7"),
    ),
    "a default changes": Case(
        event("cents: int = 7"),
        event("cents: int = 8"),
        "Sold.cents",
        "said 7 where an event says nothing, and says 8 now",
        (UP + '{"cents": 7, **data}', "cents: int = 7"),
    ),
    "the default of a renamed field changes": Case(
        event('cents: int = was("price", default=7)'),
        event('cents: int = was("price", default=8)'),
        "Sold.cents",
        "says 8 now",
        (
            UP + 'data if {"price"} & data.keys() else {"cents": 7, **data}',
            'cents: int = was("price", default=7)',
        ),
    ),
    "a moment's default changes": Case(
        event("due: datetime = datetime(2026, 1, 1, tzinfo=UTC)"),
        event("due: datetime = datetime(2027, 1, 1, tzinfo=UTC)"),
        "Sold.due",
        "where an event says nothing",
        (
            UP + '{"due": 1767225600000000, **data}',
            'due: datetime = datetime.fromisoformat("2026-01-01T00:00:00+00:00")',
        ),
    ),
    "None is no longer allowed": Case(
        event("cents: int | None"),
        event("cents: int"),
        "Sold.cents",
        "might be None and may not be any more",
        (
            UP + '{**data, "cents": 0 if data.get("cents") is None else data.get("cents")}',
            "cents: int | None",
        ),
    ),
    "a choice is gone": Case(
        event(CHOICE),
        event('size: Literal["big"]'),
        "Sold.size",
        "may not be small any more",
        (UP + '{**data, "size": {"small": "big"}.get(data["size"], data["size"])}', CHOICE),
    ),
    "a choice of several is gone": Case(
        event('sizes: tuple[Literal["big", "small"], ...]'),
        event('sizes: tuple[Literal["big"], ...]'),
        "Sold.sizes",
        "may not be small any more",
        (
            UP + '{**data, "sizes": [{"small": "big"}.get(one, one) for one in data["sizes"]]}',
            'sizes: tuple[Literal["big", "small"], ...]',
        ),
    ),
    "text becomes a choice": Case(
        event("size: str"),
        event(CHOICE),
        "Sold.size",
        "was any text and is a choice now",
        (
            UP + '{**data, "size": data["size"] if data["size"] in ("big", "small") else "big"}',
            "size: str",
        ),
    ),
    "a former name is forgotten": Case(
        event('cents: int = was("price")'),
        event("cents: int"),
        "Sold.cents",
        "no longer reads what was stored as price",
        ('cents: int = was("price")', UP + "{**{name: value"),
    ),
    "a former name is given to another": Case(
        event('cents: int = was("price")'),
        event("cents: int\nprice: int | None"),
        "Sold.cents",
        "no longer reads what was stored as price",
        (UP + '{**{name: value for name, value in data.items() if name != "price"}, "cents": ',),
    ),
    "two fields are read by one": Case(
        event("first: str\nlast: str"),
        event('name: str = was("first", "last")'),
        "Sold.last",
        "is stored, but name reads another field before it",
        (
            UP + '{**data, "name": ...}',
            UP + '{name: value for name, value in data.items() if name != "last"}',
        ),
    ),
    "an event is removed": Case(
        event("what: str") + event("why: str", "Returned"),
        event("what: str"),
        "Returned",
        "was removed, but is stored",
        ("class Returned(Event, silent=True):\n    why: str",),
    ),
    "an event is renamed": Case(
        event("what: str") + event("why: str", "Returned", ', was="Refused"'),
        event("what: str") + event("why: str", "SentBack"),
        "Returned",
        "was removed, but is stored",
        (
            'class SentBack(Event, was=("Returned", "Refused")):\n    why: str',
            'class Returned(Event, was="Refused", silent=True):\n    why: str',
        ),
    ),
    "an event's former name is forgotten": Case(
        event("what: str", options=', was="Gone"'),
        event("what: str"),
        "Sold",
        "no longer reads what was stored as Gone",
        ('class Sold(Event, was="Gone"):\n    what: str',),
    ),
    "an upcast is forgotten": Case(
        event("cents: int") + UP + "data\n",
        event("cents: int"),
        "Sold",
        "fell from schema 2 to 1; what is stored looks too new for it",
        ("put back @upcast(Sold, of=1) and what followed it",),
    ),
}

GROWS = {
    "nothing": (event("what: str"), event("what: str"), []),
    "an event is added": (
        event("what: str"),
        event("what: str") + event("why: str", "Returned"),
        ["Returned was added"],
    ),
    "a field with a default is added": (
        event("what: str"),
        event("what: str\ncents: int = 7"),
        ["Sold.cents was added; where an event says nothing of it, it says 7"],
    ),
    "a field that may be None is added": (
        event("what: str"),
        event("what: str\ncents: int | None"),
        ["Sold.cents was added; where an event says nothing of it, it says None"],
    ),
    "a field is renamed and says so": (
        event("buyer: str"),
        event('customer: str = was("buyer")'),
        ["Sold.buyer is called customer now; what was stored as buyer is read"],
    ),
    "an event is renamed and says so": (
        event("what: str"),
        event("what: str", "Bought", ', was="Sold"'),
        ["Sold is called Bought now; what was stored as Sold is read"],
    ),
    "a choice is added": (
        event('size: Literal["big"]'),
        event(CHOICE),
        ["Sold.size may be small now"],
    ),
    "a choice becomes text": (event(CHOICE), event("size: str"), ["Sold.size may be any text now"]),
    "None becomes allowed": (
        event("cents: int"),
        event("cents: int | None"),
        ["Sold.cents may be None now"],
    ),
    "a default is added": (
        event("cents: int"),
        event("cents: int = 7"),
        ["Sold.cents has a default now: 7"],
    ),
    "a former name is added": (
        event("cents: int"),
        event('cents: int = was("price")'),
        ["Sold is declared otherwise, and reads the same"],
    ),
    "the order of fields": (event("what: str\nwhy: str"), event("why: str\nwhat: str"), []),
    "the class of a choice": (
        event(CHOICE),
        'class Size(StrEnum):\n    SMALL = "small"\n    BIG = "big"\n' + event("size: Size"),
        [],
    ),
}
