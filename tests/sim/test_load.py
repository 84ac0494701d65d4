"""Load that does not stop: once faults have, whatever was behind is made up for all the same."""

from __future__ import annotations

from collections import Counter

import pytest

from mainstem.sim import checks
from mainstem.sim.calm import Calm
from mainstem.sim.clients import Client, Wish
from mainstem.sim.life import BACKGROUND, Life
from mainstem.sim.standard import BODIES, HANDS, Standard
from mainstem.sim.world import Broken

SEEDS = 60
PLAN = Standard()
STEPS = 2_400
STEPS_PER_WISH = 60
FIRST = 5_000  # the numbers of wishes that come later
LAG_MAX = 40  # events that are committed and not shown, in all builds of a sink together


class Loaded(Life):
    """A life in which people go on asking while what faults have left is repaired."""

    lags: list[int]

    def loaded(self) -> None:
        """As `run`, with load between chaos and calm."""
        self._lived()
        self.world.faults.on = False
        for build in self.builds:
            build.deploy()
        self.lags = []
        acts, random, scheduler = self._acts(), self.world.random, self.world.scheduler
        for step in range(STEPS):
            if step % STEPS_PER_WISH == 0:
                self._wish_anew(step)
                self.lags.append(self._lag())
            if not scheduler.tasks or random.random() < 2 * BACKGROUND:
                acts[int(random.random() * len(acts))]()
            scheduler.step()
        Calm(self).come()
        checks.check(self)

    def _lived(self) -> None:
        random, scheduler, acts = self.world.random, self.world.scheduler, self._acts()
        self._wish()
        for _ in range(200):
            if not scheduler.tasks or random.random() < BACKGROUND:
                acts[int(random.random() * len(acts))]()
            scheduler.step()

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


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_lag_stays_bounded_while_load_goes_on(first: int) -> None:
    for seed in range(first, first + 20):
        life = Loaded(seed, PLAN, Counter())
        try:
            life.loaded()
        except Broken as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        late = life.lags[len(life.lags) // 2 :]
        assert max(late) <= LAG_MAX, f"seed {seed}: {life.lags}"
