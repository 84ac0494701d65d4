"""Shrinking: what can be left out of a life that fails, so that it still fails in the same way.

To leave something out is to draw differently from there on, so each attempt is made with a few
orders of events. It takes so many runs and no more, and the same ones whenever it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from mainstem.sim.life import CHAOS_STEPS, Life
from mainstem.sim.lived import Failure, lived
from mainstem.sim.only import EVERYTHING, Only
from mainstem.sim.plan import Plan
from mainstem.sim.world import Tally

T = TypeVar("T")
RUNS_MAX = 2_000
SHAKES = 25  # orders of events that are tried for each thing that is left out
MORE_SHAKES = 60  # that are tried for fewer steps alone
SWITCHES = (
    "rebuild", "outages", "reshards", "forgets", "torn", "thrown", "old_code", "weaknesses",
    "twice", "faults",
)  # fmt: skip


class Shrunk(NamedTuple):
    """What is left, how it fails, and after how many runs."""

    only: Only
    failure: Failure
    runs: int
    fickle: bool = False  # lived again, it goes another way


def shrunk(plan: Plan, seed: int, runs_max: int = RUNS_MAX) -> Shrunk | None:
    """None: this seed's life goes well."""
    first = lived(plan, seed, Tally())
    if first is None:
        return None
    again = lived(plan, seed, Tally(), told=True)
    if again is None or (again.where, again.steps) != (first.where, first.steps):
        return Shrunk(EVERYTHING, again or first, 1, fickle=True)
    if not again.steps:
        return Shrunk(EVERYTHING, again, 1)  # it failed before anybody asked
    shrinking = _Shrinking(plan, first, runs_max)
    shrinking.shrink()
    told = lived(plan, seed, Tally(), shrinking.best, told=True)
    if told is None:
        return Shrunk(EVERYTHING, again, shrinking.runs, fickle=True)
    return Shrunk(shrinking.best, told, shrinking.runs)


class _Shrinking:
    """The best so far."""

    def __init__(self, plan: Plan, failure: Failure, runs_max: int) -> None:
        self.plan, self.failure, self.runs_max = plan, failure, runs_max
        self.best, self.runs, self._shake = EVERYTHING, 0, 0
        life = Life(failure.seed, plan, Tally())
        self.wishes = [wish.number for wish in life.wishes]
        self.hosts = [host.name for host in life.hosts]

    def shrink(self) -> None:
        """Greedily, until nothing more can go."""
        before: Only | None = None
        while before != self.best:
            before = self.best
            self._fewer_things()
            for _ in range(MORE_SHAKES):
                self._tries(self._otherwise(self.best), lambda one: one.steps < self.failure.steps)
        self._fewer_faults()

    def _fewer_things(self) -> None:
        for name in SWITCHES:
            if getattr(self.best, name):
                self._shaken(_switched_off(self.best, name))
        self._fewer_wishes()
        self._fewer_hosts()
        self._fewer_steps()

    def _fewer_wishes(self) -> None:
        for left in _without(self.wishes):
            if self._shaken(self.best._replace(wishes=frozenset(left))):
                self.wishes = left
                return self._fewer_wishes()
        return None

    def _fewer_hosts(self) -> None:
        for left in _without(self.hosts):
            if self._shaken(self.best._replace(hosts=frozenset(left))):
                self.hosts = left
                return self._fewer_hosts()
        return None

    def _fewer_steps(self) -> None:
        steps = min(self.best.steps, CHAOS_STEPS[1])
        while steps and self._shaken(self.best._replace(steps=steps // 2)):
            steps //= 2
        for less in (steps * 3 // 4, steps * 7 // 8):
            if less < steps and self._shaken(self.best._replace(steps=less)):
                return

    def _fewer_faults(self) -> None:
        number = 0
        while (number := number + 1) <= self.failure.faults:
            never = self.best.never | {number}
            self._tries(self.best._replace(never=never), lambda one: one.faults <= self.most)

    @property
    def most(self) -> int:
        """No attempt may end in more faults than there are."""
        return self.failure.faults

    def _shaken(self, only: Only) -> bool:
        """Whether it fails without this as well, in one order of events or another."""
        if self._tries(only):
            return True
        return any(self._tries(self._otherwise(only)) for _ in range(SHAKES))

    def _otherwise(self, only: Only) -> Only:
        self._shake += 1
        return only._replace(shake=self._shake)

    def _tries(self, only: Only, better: Callable[[Failure], bool] = lambda _: True) -> bool:
        if self.runs >= self.runs_max:
            return False
        self.runs += 1
        found = lived(self.plan, self.failure.seed, Tally(), only)
        if found is None or found.where != self.failure.where or not better(found):
            return False
        self.best, self.failure = only, found
        return True


def _switched_off(only: Only, name: str) -> Only:
    off: dict[str, Any] = {name: False}
    return only._replace(**off)


def _without(some: list[T]) -> Iterator[list[T]]:
    """A half less, then one less."""
    half = len(some) // 2
    if half > 1:
        yield some[:half]
        yield some[half:]
    for place in range(len(some)):
        yield some[:place] + some[place + 1 :]
