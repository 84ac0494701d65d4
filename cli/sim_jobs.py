"""Lives in processes: each lives one run of seeds after the other, and says how it went."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cli.domains import load
from cli.made_up import must_be_possible
from cli.session import NotNow
from edge.crew import Crew, Killed, collect_seldom, crew

if TYPE_CHECKING:
    from mainstem.sim.lived import Failure
    from mainstem.sim.plan import Plan
    from mainstem.sim.world import Tally

LIFE_S_MAX = 60
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

    collect_seldom()
    tally: Tally = Counter()
    with redirect_stdout(sys.stderr):  # what a domain prints is no part of our answer
        for seed in range(first, first + many):
            failure = one(plan, seed, tally)
            if failure is not None:
                return Run(seed - first + 1, tally, failure)
    return Run(many, tally, None)


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


@contextmanager
def at_work(job: Job, jobs: int) -> Iterator[Crew]:
    """Processes that wait for seeds, while the block runs. Raises NotNow where one was killed."""
    try:
        with crew(jobs, _work, job) as found:
            yield found
    except Killed:
        raise NotNow(KILLED) from None


def done(found: Crew) -> Iterator[Run]:
    """What was finished, after waiting for it."""
    for one, said in found.heard(Connection.recv):
        found.rests(one)
        yield said


def _work(pipe: Connection, job: Job) -> None:
    """One of the processes."""
    plan = plan_of(job)
    while True:
        pipe.send(run(plan, *pipe.recv()))
