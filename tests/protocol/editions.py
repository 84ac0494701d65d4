"""Editions of one small domain, as a developer would change it between two releases."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

from mainstem.discovery import Domain, discover

TELLING = """


@on(Read)
def tell(read: Read, meter: Meter) -> tuple[Effect, ...]:
    return (Mail("ann@example.com", "read", {"watts": read.watts}),)
"""
NUMBERS = itertools.count(1)
EVENTS = '''\
"""A shop: it sells."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import (
    Command, Effect, Event, Mail, State, View, at, count, first, index, last, on, search, total,
    unique,
)


class Sold(Event):
    what: str
    cents: int = 0


class Sale(View):
    what = last(Sold.what)
    sales = count(Sold){fold}


class Sell(Command[Sale], starts=True, again=True):
    what: str
    cents: int = 0

    def decide(self, sale: Sale) -> Iterator[Event]:
        yield Sold(what=self.what, cents=self.cents)

{more}
'''
FACTS = '''\
"""A meter: facts only."""

from __future__ import annotations

from mainstem import Event, View, count, total


class Read(Event):
    watts: int


class Meter(View):
    reads = count(Read){fold}
'''


def telling(before: str = "") -> str:
    """Facts on which there is a reaction."""
    source = FACTS.replace("Event, View", "Effect, Event, Mail, View, fold, on")
    source = source.replace("class Meter", f"{before}class Meter")
    source = source.replace("from mainstem", "from typing import Any\n\nfrom mainstem")
    return source.replace("{fold}", "{fold}" + TELLING)


def edition(
    place: Path, fold: str = "", more: str = "", source: str = EVENTS
) -> Mapping[str, Domain]:
    """The domains of a new release: `shop`, or with FACTS `meter`."""
    folder = place / f"release{next(NUMBERS)}"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    name = "shop" if "class Sold" in source else "meter"
    text = source.replace("{fold}", f"\n    {fold}" if fold else "").replace("{more}", more)
    (folder / f"{name}.py").write_text(text, "utf-8")
    return discover(folder)
