"""Domain files as somebody might write them: text that is run as a module of its own."""

from __future__ import annotations

import itertools
import linecache
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

from mainstem import Mistake

BAKERY = """
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, ClassVar, Final, Literal, Optional
from uuid import UUID

from pydantic import BaseModel, Field

from domains import tickets
from mainstem import *


class Icing(StrEnum):
    LEMON = "lemon"
    MOCHA = "mocha"


class Baked(Event):
    cake: str
    slices: int
    baker: str | None = None
    sweetness: float = 0.5
    vegan: bool = False
    icing: Icing = Icing.LEMON
    oven: Literal["old", "new"] = "old"
    stale_at: datetime | None = None
    toppings: tuple[str, ...] = ()


class Eaten(Event):
    cake: str
    slices: int


class Burnt(Event):
    cake: str


def count_(value: int, happened: Happened) -> int:
    return value + 1


class Shelf(State, key=Baked.cake, gone=Burnt.cake):
    slices = total(Baked.slices)


class Cake(View):
    cake = last(Baked.cake, default="")
    baker = last(Baked.baker)
    baked = count(Baked)
    stale_at = last(Baked.stale_at)
    eaters = distinct(by(Eaten))
    shelves = keyed(Shelf)
    soft = last(Baked.sweetness, default=0.5)
"""

_numbers = itertools.count()


def run(text: str, module: ModuleType) -> None:
    """Runs more text as part of a module. `fold()` steps find their source in linecache."""
    name = f"<{module.__name__} {next(_numbers)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    exec(compile(text, name, "exec"), vars(module))


@contextmanager
def bakery(text: str = "", world: str = BAKERY) -> Iterator[Any]:
    """A domain file: the bakery's, and this text after it."""
    module = ModuleType(f"bakery_{next(_numbers)}")
    sys.modules[module.__name__] = module
    try:
        run(world + "\n\n" + text, module)
        yield module
    finally:
        del sys.modules[module.__name__]


def mistake(text: str, world: str = BAKERY) -> str:
    """What the language says of this text: one line, made for people."""
    with pytest.raises(Mistake) as raised, bakery(text, world):
        pass
    said = str(raised.value)
    assert raised.type is Mistake
    assert not re.search(r"\n|<class| at 0x", said), said
    return said
