"""Choices: a store's weaknesses not by chance, but each in its turn, until all were met."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Choices:
    """The Chance of an exhaustive search: the same call is made once for each way it may go."""

    def __init__(self, weak: Collection[str]) -> None:
        self._weak = weak  # what may happen at all
        self._script: tuple[int, ...] = ()
        self._taken: list[tuple[int, int]] = []  # which of how many
        self._trying = False
        self.shown = 0  # weaknesses, so far

    def happens(self, what: str) -> bool:
        """No, and the next time yes."""
        happens = self._trying and what in self._weak and self._choose(2) == 1
        self.shown += happens
        return happens

    def pick(self, some: Sequence[T]) -> T:
        """Each of them once."""
        return some[self._choose(len(some))]

    def every(self, call: Callable[[], R]) -> Iterator[tuple[int, R]]:
        """All that may come of a call, each with how many weaknesses it takes; none comes first."""
        scripts: list[tuple[int, ...]] = [()]
        while scripts:
            self._script, self._taken, self.shown = scripts.pop(0), [], 0
            told = len(self._script)
            yield self._shown(call)
            chosen = [choice for choice, _ in self._taken]
            for place in range(told, len(chosen)):
                others = range(1, self._taken[place][1])
                scripts += [(*chosen[:place], other) for other in others]

    def _shown(self, call: Callable[[], R]) -> tuple[int, R]:
        self._trying = True
        try:
            result = call()
        finally:
            self._trying = False
        return self.shown, result

    def _choose(self, many: int) -> int:
        place = len(self._taken)
        choice = self._script[place] if place < len(self._script) else 0
        self._taken.append((choice, many))
        return choice
