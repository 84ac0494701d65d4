"""The soak: a load, a runtime that is killed with -9 again and again, and then silence.

What it leaves behind is a folder and the ledgers of all who asked; what that amounts to is for the
checker to say, which reads both for itself.
"""

from __future__ import annotations

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from tests.soak.desks import served_at
from tests.soak.ledger import Line, lines
from tests.soak.load import ASKING
from tests.soak.processes import Process, until
from tests.soak.standing import waiting

LOAD = {"a0": ["a0"], "a1": ["a1"], "p0": ["p0"], "http": ["h0", "h1", "h2", "f0"]}
EMPTY_KILLS = 3  # while the folder is being made
READY_S_MAX = 90.0
END_S_MAX = 180.0
DRAIN_S_MAX = 300.0
STOP_S_MAX = 30.0
SERVED_S_MAX = 4.0
ASKER_KILLED = 0.15


@dataclass(frozen=True)
class Plan:
    """What is to be done, where, and by which choices."""

    place: Path
    kills: int
    seed: int
    minutes: float = float("inf")
    broken: bool = False

    @property
    def folder(self) -> Path:
        return self.place / "data"

    @property
    def ledgers(self) -> Path:
        return self.place / "ledgers"

    @property
    def logs(self) -> Path:
        return self.place / "logs"


class Stuck(Exception):
    """It can't go on."""


@dataclass
class Story:
    """What happened, and what must not have."""

    kills: Counter[str] = field(default_factory=Counter)
    askers_killed: int = 0
    amiss: list[str] = field(default_factory=list)
    ready_s: list[float] = field(default_factory=list)
    drain_s: float = 0.0
    stop_s: float = 0.0


class Soak:
    """One run of a plan. `told` hears how far it is."""

    def __init__(self, plan: Plan, told: Callable[[str], None]) -> None:
        self.plan, self.told, self.story = plan, told, Story()
        self.chance = Random(plan.seed)
        for one in (plan.ledgers, plan.logs):
            one.mkdir(parents=True)
        broken = ["--broken"] if plan.broken else []
        module = "tests.soak.broken" if plan.broken else "cli"
        up = ["-m", module, "--folder", str(plan.folder), "up", "--port", "0"]
        load = ["-m", "tests.soak.load", str(plan.folder), str(plan.ledgers), *broken]
        load += ["--seed", str(plan.seed)]
        self.up = Process("up", up, plan.logs)
        self.load = [Process(one, [*load, *names], plan.logs) for one, names in LOAD.items()]

    def run(self) -> Story:
        """All of it. Nothing that was started is left behind."""
        try:
            for one in self.load:
                one.start()  # so the folder is made by several at once
            for _ in range(min(EMPTY_KILLS, self.plan.kills)):
                self._start_and_kill("in a new folder", self.chance.uniform(0.0, 2.0))
            self._answering()
            self._kill_again_and_again()
            self._end()
        except Stuck as stuck:
            self.story.amiss.append(str(stuck))
        finally:
            for one in (self.up, *self.load):
                if one.number is not None:
                    one.kill()
        self._read_logs()
        return self.story

    def _answering(self) -> None:
        """Up, and everybody who asks has been answered: so all that follows is under load."""
        self._ready()
        if not until(self._is_loaded, READY_S_MAX):
            raise Stuck(f"nobody was answered: {[one.said()[-2000:] for one in self.load]}")

    def _is_loaded(self) -> bool:
        files = [self.plan.ledgers / f"{name}.jsonl" for names in LOAD.values() for name in names]
        return all(file.exists() and any(map(_acknowledged, lines(file))) for file in files)

    def _kill_again_and_again(self) -> None:
        until_s = time.monotonic() + 60 * self.plan.minutes
        while sum(self.story.kills.values()) < self.plan.kills and time.monotonic() < until_s:
            self._kill_once()
            self._perhaps_kill_an_asker()
            self.told(f"{sum(self.story.kills.values())} of {self.plan.kills} kills")
        self._ready()

    def _kill_once(self) -> None:
        """While it starts, just when it begins to serve, or while it serves."""
        some = self.chance.random()
        usual_s = self.story.ready_s[-1]
        if some < 0.25:
            self._start_and_kill("in its first second", self.chance.uniform(0.0, 1.0))
        elif some < 0.5:
            self._start_and_kill("about to serve", usual_s * self.chance.uniform(0.7, 1.2))
        else:
            self._ready()
            time.sleep(self.chance.uniform(0.0, SERVED_S_MAX))
            self._kill("serving")

    def _start_and_kill(self, when: str, after_s: float) -> None:
        if self.up.number is not None:
            self._kill("serving")
            return
        self.up.start()
        time.sleep(after_s)
        self._kill(when)

    def _kill(self, when: str) -> None:
        ended = self.up.kill()
        self.story.kills[when] += 1
        if ended != -9:
            self.story.amiss.append(f"up ended by itself with {ended}: {self.up.said()[-2000:]}")

    def _ready(self) -> None:
        """Up, and healthy."""
        if self.up.number is None:
            self.up.start()
        if not until(lambda: self.up.number is None or self._is_ready(), READY_S_MAX):
            raise Stuck(f"up was not ready in time: {self.up.said()[-2000:]}")
        if self.up.number is None:
            raise Stuck(f"up ended by itself: {self.up.said()[-2000:]}")
        self.story.ready_s.append(self.up.age_s)

    def _is_ready(self) -> bool:
        address = served_at(self.plan.folder)
        if address is None or address not in self.up.said():
            return False
        try:
            return httpx.get(f"{address}/health", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def _perhaps_kill_an_asker(self) -> None:
        if self.chance.random() < ASKER_KILLED:
            asker = self.chance.choice(self.load)
            ended = asker.kill()
            self.story.askers_killed += 1
            if ended != -9:
                text = f"{asker.name} ended by itself with {ended}: {asker.said()[-2000:]}"
                self.story.amiss.append(text)
            asker.start()

    def _end(self) -> None:
        """The load is answered to its end; then everything drains; then it is told to stop."""
        if not until(lambda: all(ASKING in one.said() for one in self.load), READY_S_MAX):
            raise Stuck("somebody who was killed does not ask again")
        for one in self.load:
            self._stop(one, END_S_MAX)
        started = time.monotonic()
        if not until(lambda: not waiting(self.plan.folder), DRAIN_S_MAX):
            self.story.amiss.append(f"did not drain: {waiting(self.plan.folder)}")
        self.story.drain_s = time.monotonic() - started
        started = time.monotonic()
        self._stop(self.up, STOP_S_MAX)
        self.story.stop_s = time.monotonic() - started

    def _stop(self, one: Process, patience_s: float) -> None:
        try:
            ended = one.stop(patience_s)
        except subprocess.TimeoutExpired:
            self.story.amiss.append(f"{one.name} did not stop: {one.said()[-2000:]}")
            return
        if ended != 0:
            self.story.amiss.append(f"{one.name} stopped with {ended}: {one.said()[-2000:]}")

    def _read_logs(self) -> None:
        for log in sorted(self.plan.logs.iterdir()):
            said = log.read_text("utf-8", "replace")
            if "Traceback" in said:
                self.story.amiss.append(f"{log.name}: {said[said.index('Traceback') :][:3000]}")


def _acknowledged(line: Line) -> bool:
    return "told" in line or any(line.get("taken", ()))
