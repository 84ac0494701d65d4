"""A chance that a test decides: what it names happens always, all else never."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Certain:
    """What happens may be changed at any time; of several it picks the one with this index."""

    def __init__(self, *happening: str, index: int = 0) -> None:
        self.happening, self.index = set(happening), index

    def happens(self, what: str) -> bool:
        return what in self.happening

    def pick(self, some: Sequence[T]) -> T:
        return some[self.index]
