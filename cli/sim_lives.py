"""Many lives, here or in several processes, until there were enough; with progress on stderr."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.progress import shown
from cli.session import Session
from cli.sim_jobs import Job, Run, at_work, done, plan_of, run

if TYPE_CHECKING:
    from mainstem.sim.lived import Failure
    from mainstem.sim.plan import Plan
    from mainstem.sim.world import Tally

WHYS = ("before", "after", "unknown", "late")
SHOWN = "shown"
LIVES_A_RUN = 25  # so that nobody waits long for the last one


@dataclass
class Lives:
    """How they went."""

    first: int
    many: int | None  # None: as many as there is time for
    until: float  # by the monotonic clock
    next: int = 0  # the next seed to give out
    lives: int = 0
    tally: Tally = field(default_factory=Counter)
    failure: Failure | None = None
    interrupted: bool = False
    began: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    def take(self) -> tuple[int, int] | None:
        """The next seeds; None: there are enough, or one has failed."""
        if self.failure is not None or time.monotonic() > self.until:
            return None
        left = LIVES_A_RUN if self.many is None else self.first + self.many - self.next
        if left <= 0:
            return None
        first, many = self.next, min(left, LIVES_A_RUN)
        self.next += many
        return first, many

    def add(self, found: Run) -> None:
        """Of several that fail, the first counts, however late it is heard of."""
        self.lives += found.lives
        self.tally.update(found.tally)
        self.seconds = time.monotonic() - self.began
        known, new = self.failure, found.failure
        if new is not None and (known is None or new.seed < known.seed):
            self.failure = new

    @property
    def total(self) -> int | None:
        """How many are asked for."""
        return self.many

    @property
    def done(self) -> int:
        """How many were lived."""
        return self.lives

    def told(self) -> str:
        """How far they have come."""
        rate = self.lives / max(self.seconds, 1e-6)
        hit = sum(many for (_, how), many in self.tally.items() if how in (*WHYS, SHOWN))
        return f"{self.lives:,} lives, {rate:,.0f}/s, {hit:,} faults and weaknesses"

    def data(self) -> Mapping[str, Any]:
        """The same for machines."""
        return {"lives": self.lives, "of": self.many, "seconds": round(self.seconds, 3)}


def live(
    session: Session, job: Job, first: int, many: int | None, minutes: float | None, jobs: int
) -> Lives:
    """All of them, or up to the first that fails."""
    plan = plan_of(job)  # here too, so that what is wrong with it is said once, and here
    until = time.monotonic() + minutes * 60 if minutes else float("inf")
    lives = Lives(first, many, until, next=first)
    work = jobs if many is None else min(jobs, -(-many // LIVES_A_RUN))
    with shown(session, lives) as show:
        try:
            if work == 1:
                _alone(plan, lives, show)
            else:
                _together(job, work, lives, show)
        except KeyboardInterrupt:
            lives.interrupted = True  # what was lived until then was lived
    return lives


def _alone(plan: Plan, lives: Lives, show: Callable[[], None]) -> None:
    while seeds := lives.take():
        lives.add(run(plan, *seeds))
        show()


def _together(job: Job, jobs: int, lives: Lives, show: Callable[[], None]) -> None:
    with at_work(job, jobs) as crew:
        while True:
            while crew.idle and (seeds := lives.take()):
                crew.give(seeds)
            if not crew.busy:
                return
            for found in done(crew):
                lives.add(found)
            show()
