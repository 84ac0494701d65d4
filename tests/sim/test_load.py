"""Load that does not stop: once faults have, whatever was behind is made up for all the same."""

from __future__ import annotations

from collections import Counter
from statistics import mean, median

import pytest

from mainstem.sim import checks
from mainstem.sim.calm import Calm
from mainstem.sim.clients import Client, Wish
from mainstem.sim.delivery import Delivery
from mainstem.sim.life import BACKGROUND, CHAOS_STEPS, Life
from mainstem.sim.standard import BODIES, HANDS, Standard
from mainstem.sim.world import Broken

LIVES = 20
PLAN = Standard()
STEPS = 3_600
STEPS_PER_WISH = 24
FIRST = 5_000  # the numbers of wishes that come later
LAG_MAX = 8  # events that are committed and not shown, in all builds together


class Loaded(Life):
    """A life in which people go on asking while what faults have left is repaired."""

    lags: list[int]

    def loaded(self) -> None:
        """As `run`, with load between chaos and calm."""
        with self.limits():
            self._loaded()

    def _loaded(self) -> None:
        self._wish()
        self.chaos(CHAOS_STEPS[1], BACKGROUND)
        self.world.faults.on = False
        for build in self.builds:
            build.deploy()
        self.lags = []
        for step in range(0, STEPS, STEPS_PER_WISH):
            self._wish_anew(step)
            self.lags.append(self._lag())
            self.chaos(STEPS_PER_WISH, 2 * BACKGROUND)
        Calm(self).come()
        checks.check(self)

    def _wish_anew(self, step: int) -> None:
        random = self.world.random
        body, id = random.choice(BODIES)(random), f"jar{random.randrange(2)}"
        domain = self.world.plan.domains["jars"]
        wish = Wish(FIRST + step, domain, id, random.choice(HANDS), body, keyed=True)
        self.wishes.append(wish)
        Client(self.world, wish).ask()

    def _lag(self) -> int:
        committed: Counter[object] = Counter()
        for record in self.commits:
            committed[record.aggregate] += len(record.events)
        return sum(
            sum(committed.values()) - sum(self.world.stores.versions(into.generation).values())
            for into in (build.newest for build in self.builds)
            if into.sink.domain.decided
        )


def lag() -> float:
    """Of what is committed, how many events are not shown while load goes on: of many lives."""
    return mean(map(_late, range(LIVES)))


def _late(seed: int) -> float:
    """In the second half of the load, mostly. Raises AssertionError where a life is broken."""
    life = Loaded(seed, PLAN, Counter())
    try:
        life.loaded()
    except Broken as error:
        raise AssertionError(f"seed {seed}: {error}") from error
    return median(life.lags[len(life.lags) // 2 :])


@pytest.mark.slow
def test_lag_stays_bounded_while_load_goes_on() -> None:
    assert lag() <= LAG_MAX


@pytest.mark.slow
def test_lag_does_not_stay_bounded_where_nobody_reads_the_feed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the auditor and repair move on, late."""
    monkeypatch.setattr(Delivery, "pump", lambda _: None)
    assert lag() > 2 * LAG_MAX
