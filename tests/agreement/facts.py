"""Events with a field of every kind: what generated views fold."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from mainstem import Event, was


class Hue(StrEnum):
    RED = "red"
    BLUE = "blue"


class Opened(Event):
    name: str
    number: int
    hue: Hue
    yes: bool
    when: datetime


class Changed(Event):
    name: str = was("label", "Old_Name")
    maybe: str | None = None
    perhaps: int | None
    number: int = was("tag", default=7)  # elsewhere a text


class Tagged(Event):
    tag: str
    hue: Hue = Hue.BLUE
    weight: float
    yes: bool = True


class Untagged(Event):
    tag: str


class Counted(Event, was=("Tallied", "Numbered")):
    tag: str
    number: int
    perhaps: int | None = None
    weight: float = 0.5
    when: datetime | None = None


class Listed(Event):
    names: tuple[str, ...]
    numbers: tuple[int, ...] = ()
    size_of: Literal["small", "large"] = "small"
    maybe: str | None = None


class Passed(Event, silent=True):
    """Heard by nobody: it only counts for the version."""


EVENTS = (Opened, Changed, Tagged, Untagged, Counted, Listed, Passed)
