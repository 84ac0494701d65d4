"""Numbers for values: equal ones share one, so that a state is a few small numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Numbers(Generic[T]):
    """Values in the order in which they were met first."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[Hashable, int] = {}

    def of(self, value: T, key: Hashable) -> int:
        """The number of all values with this key."""
        number = self._numbers.setdefault(key, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number
