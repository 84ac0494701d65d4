"""Chance: what a store of the simulator asks where the cloud promises nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Chance(Protocol):
    """Whoever runs the simulation decides, and writes down what it decided."""

    def happens(self, what: str) -> bool:
        """Whether this weakness shows itself now."""
        ...

    def pick(self, some: Sequence[T]) -> T:
        """One of these."""
        ...


class Calm:
    """Everything is as strong as can be."""

    def happens(self, what: str) -> bool:
        """It doesn't."""
        return False

    def pick(self, some: Sequence[T]) -> T:
        """The first."""
        return some[0]


CALM: Chance = Calm()
