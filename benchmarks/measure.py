"""Measuring: contenders take turns in one process, so a busy machine slows all of them alike."""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
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


def cpu_seconds() -> float:
    """What this process and the children that it has waited for have taken so far."""
    return time.process_time() + sum(os.times()[2:4])


def rates(contenders: Mapping[str, Callable[[], float]], times: int, runs: int) -> dict[str, float]:
    """How many a second, by the wall clock: contenders do so many, and say in which time."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(runs):
        for name, run in contenders.items():
            spent[name].append(run())
    return {name: times / median(seconds) for name, seconds in spent.items()}


def timed(work: Callable[[], object]) -> float:
    """Seconds by the wall clock, with nothing left over from before."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(found: Sequence[float], percent: int) -> float:
    """The value that so many percent of them don't exceed."""
    return sorted(found)[max(0, math.ceil(len(found) * percent / 100) - 1)]


def figures(found: Mapping[str, float]) -> tuple[Figure, ...]:
    return tuple(Figure(name, value) for name, value in found.items())


def ratio(more: float, less: float) -> float:
    """How many times more; a clock that has not moved counts as its smallest step."""
    return more / max(less, 1e-9)
