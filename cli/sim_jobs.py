"""Lives in processes: each lives one run of seeds after the other, and says how it went."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cli.domains import load
from cli.made_up import must_be_possible
from cli.session import NotNow

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from mainstem.sim.lived import Failure
    from mainstem.sim.plan import Plan
    from mainstem.sim.world import Tally

LIFE_S_MAX = 60
OBJECTS_A_LOOK = 20_000
KILLED = "one of the processes was killed; run it again"


class Job(NamedTuple):
    """What lives are about, to be loaded anywhere: a domain, or the standard story."""

    folder: str
    name: str | None


class Run(NamedTuple):
    """How a run of seeds went, up to the first that failed."""

    lives: int
    tally: Tally
    failure: Failure | None


def cores() -> int:
    """How many processes can be at work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def plan_of(job: Job) -> Plan:
    """The story to live. A domain of the user's needs hypothesis, as the laws do."""
    if job.name is None:
        from mainstem.sim.standard import Standard

        return Standard()
    must_be_possible()
    from mainstem.sim.own import Own

    return Own(load(Path(job.folder))[job.name])


def run(plan: Plan, first: int, many: int) -> Run:
    """Lives these seeds."""
    import sys
    from collections import Counter

    _collect_seldom()
    tally: Tally = Counter()
    with redirect_stdout(sys.stderr):  # what a domain prints is no part of our answer
        for seed in range(first, first + many):
            failure = one(plan, seed, tally)
            if failure is not None:
                return Run(seed - first + 1, tally, failure)
    return Run(many, tally, None)


@cache
def _collect_seldom() -> None:
    """Lives leave few cycles behind: whoever looks for them as often as ever loses time."""
    gc.freeze()
    gc.set_threshold(OBJECTS_A_LOOK, 50, 100)


class Endless(BaseException):
    """Something in a life goes on and on. Nobody who catches errors catches this."""


def one(plan: Plan, seed: int, tally: Tally) -> Failure | None:
    """Whoever is still at work after a minute is interrupted, and told of by file and line.

    A minute of the processor: a machine that sleeps, or is busy with other things, ends nobody.
    """
    import traceback

    from mainstem.sim.lived import Failure, lived

    before = signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIFE_S_MAX)
    try:
        return lived(plan, seed, tally)
    except Endless as endless:
        at = traceback.extract_tb(endless.__traceback__)[-2]  # the last one is whoever stops it
        where = f"{at.filename}:{at.lineno}"
        why = (
            f"it goes on for more than {LIFE_S_MAX} seconds ({Path(at.filename).name}:{at.lineno})"
        )
        return Failure(seed, why, where, 0, 0)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _stop(*_: object) -> None:
    raise Endless


class Crew:
    """Processes that wait for seeds. One that is left alone ends."""

    def __init__(self, job: Job, jobs: int) -> None:
        spawning = multiprocessing.get_context("spawn")
        self.idle: list[Connection] = []
        self.busy: list[Connection] = []
        self.processes: list[BaseProcess] = []
        for _ in range(jobs):
            ours, theirs = spawning.Pipe()
            process = spawning.Process(target=_work, args=(theirs, job), daemon=True)
            with _deaf():
                process.start()
            theirs.close()  # or it would never hear that we are gone
            self.idle.append(ours)
            self.processes.append(process)

    def give(self, first: int, many: int) -> None:
        """To somebody who is idle."""
        one = self.idle.pop()
        try:
            one.send((first, many))
        except OSError:
            raise NotNow(KILLED) from None
        self.busy.append(one)

    def done(self) -> Iterator[Run]:
        """What was finished, after waiting for it. Raises NotNow where somebody was killed."""
        for one in wait(self.busy, 0.5):
            assert isinstance(one, Connection)
            try:
                found = one.recv()
            except EOFError:
                raise NotNow(KILLED) from None
            self.busy.remove(one)
            self.idle.append(one)
            yield found

    def end(self) -> None:
        """All of them go, whatever they are at."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()


@contextmanager
def crew(job: Job, jobs: int) -> Iterator[Crew]:
    """At work while the block runs."""
    found = Crew(job, jobs)
    try:
        yield found
    finally:
        found.end()


@contextmanager
def _deaf() -> Iterator[None]:
    """What begins now never hears of Ctrl-C: an interrupt is for whoever gave it work."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _work(pipe: Connection, job: Job) -> None:
    """One of the processes."""
    plan = plan_of(job)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            pipe.send(run(plan, *pipe.recv()))
