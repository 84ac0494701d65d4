"""Measuring: contenders take turns in one process, so a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

RUNS = 5
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Figure:
    """What one contender took."""

    name: str
    value: float


@dataclass(frozen=True)
class Target:
    """A ratio or an amount to reach."""

    text: str
    found: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.found >= self.limit if self.at_least else self.found <= self.limit


@dataclass(frozen=True)
class Result:
    """One benchmark: its figures, the first of which the others are compared with."""

    name: str
    title: str
    unit: str
    figures: tuple[Figure, ...]
    targets: tuple[Target, ...] = ()
    notes: tuple[str, ...] = field(default=())


def cpu(contenders: Mapping[str, Callable[[], object]], events: int, runs: int) -> dict[str, float]:
    """CPU microseconds per event, of all threads: the median of several runs after a warm-up."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(runs):
        for name, run in contenders.items():
            gc.collect()
            started = time.process_time()
            run()
            spent[name].append(time.process_time() - started)
    return {name: median(times) * 1e6 / events for name, times in spent.items()}


def figures(found: Mapping[str, float]) -> tuple[Figure, ...]:
    return tuple(Figure(name, value) for name, value in found.items())


def ratio(more: float, less: float) -> float:
    """How many times more; a clock that has not moved counts as its smallest step."""
    return more / max(less, 1e-9)
