"""Clocks: each host has one of its own, and no two agree."""

from __future__ import annotations

from mainstem.sim.call import Call
from mainstem.sim.scheduler import SLEEP, Scheduler


class Clock:
    """The Clock port of one host."""

    def __init__(self, scheduler: Scheduler, skew_us: int = 0) -> None:
        self._scheduler, self._skew = scheduler, skew_us

    async def now(self) -> int:
        """The scheduler's time, and so much off."""
        return self._scheduler.now + self._skew

    async def sleep(self, seconds: float) -> None:
        """Until the scheduler's time has come that far."""
        await Call("clock", "sleep", SLEEP, (seconds,), {})
