"""Drawn: one example of a hypothesis strategy, by a number, the same one in every process.

Hypothesis itself tries constants that it finds in whichever modules happen to be loaded, and keeps
the examples of a run apart from one another. A seed must mean the same life in a test, a worker and
a terminal, so what is drawn here depends on the strategy and the number alone.
"""

from __future__ import annotations

import math
from random import Random
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.control import BuildContext
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import PrimitiveProvider
from hypothesis.internal.intervalsets import IntervalSet

T = TypeVar("T")
TRIES_MAX = 100
WHOLE = 2**31  # where a strategy sets no bound
REAL = 1e6
LENGTH_MAX = 8  # beyond the shortest that may be
LETTERS_MAX = 200  # the simplest of those that may be


def drawn(strategy: st.SearchStrategy[T], number: int) -> T:
    """The example of this number. Where one is rejected, the next number's next try."""
    random = Random(number)
    for _ in range(TRIES_MAX):
        data = ConjectureData(random=None, provider=_Dice(random))
        try:
            with BuildContext(data, is_final=False, wrapped_test=_nothing):
                return data.draw(strategy)
        except (UnsatisfiedAssumption, StopTest):
            continue
    raise ValueError(f"{TRIES_MAX} examples in a row did not fit: {strategy}")


def _nothing() -> None:
    """Nobody tests anything here."""


class _Dice(PrimitiveProvider):
    """Where hypothesis has its choices from."""

    def __init__(self, random: Random) -> None:
        super().__init__(None)
        self._random = random

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        low = min(-WHOLE, max_value or 0) if min_value is None else min_value
        high = max(WHOLE, low) if max_value is None else max_value
        return self._random.randint(low, high)

    def draw_float(
        self,
        *,
        min_value: float = -math.inf,
        max_value: float = math.inf,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float = 0.0,
    ) -> float:
        low, high = max(min_value, -REAL), min(max_value, REAL)
        return min(max(self._random.uniform(low, high), min_value), max_value)

    def draw_string(self, intervals: IntervalSet, *, min_size: int = 0, max_size: int = 100) -> str:
        letters = min(len(intervals), LETTERS_MAX)
        many = self._random.randint(min_size, min(max_size, min_size + LENGTH_MAX))
        return "".join(chr(intervals[self._random.randrange(letters)]) for _ in range(many))

    def draw_bytes(self, min_size: int = 0, max_size: int = 100) -> bytes:
        return self._random.randbytes(
            self._random.randint(min_size, min(max_size, min_size + LENGTH_MAX))
        )
