"""`mainstem sim`: thousands of lives with faults, each decided by its seed; one of them told."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import redirect_stdout
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from cli.domains import load, must_be_one_of, names
from cli.session import Command, NotNow, Session, asks
from cli.sim_jobs import Job, one, plan_of
from cli.sim_lives import Lives, live
from cli.sim_told import broken, command_for, data, failed, left, summary, trimmed
from edge.crew import cores

if TYPE_CHECKING:
    from mainstem.sim.lived import Failure
    from mainstem.sim.plan import Plan

SEEDS = 1_000


@click.command(cls=Command)
@click.option("--domain", metavar="NAME", shell_complete=names, help="A domain of yours.")
@click.option("--seeds", type=click.IntRange(1), metavar="N", help=f"How many lives; {SEEDS:,}.")
@click.option("--from", "first", type=click.IntRange(0), default=0, metavar="SEED",
              help="The first seed; 0.")  # fmt: skip
@click.option("--minutes", type=click.FloatRange(0, min_open=True), metavar="M",
              help="As many as there is time for.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes; one a core.")
@click.option("--seed", type=click.IntRange(0), metavar="S", help="This life alone.")
@click.option("--trace", is_flag=True, help="Tell its story; one that fails, in few steps.")
@asks
def sim(
    session: Session, /, domain: str | None, seed: int | None, trace: bool, **many: Any
) -> None:
    """Live through faults, thousands of times, and look whether all that must hold does.

    A life is people asking at once, hosts sending facts, code being rolled out, views being
    rebuilt, processes dying, and ports failing before, after or long after they did what they were
    asked. It is simulated, in memory and without waiting, and follows from its seed. Without
    --domain it is about two domains that come with the simulator. Exit code 1, with the seed, if
    anything fails.

    \b
    Examples:
      mainstem sim --minutes 5
      mainstem sim --domain tickets
      mainstem sim --domain tickets --seed 4711 --trace
    """
    job = Job(str(session.domains.absolute()), domain)
    if domain is not None:
        must_be_one_of(domain, load(session.domains))
    if seed is not None:
        _refuse_others(many)
        _one(session, job, seed, trace)
    elif trace:
        raise click.UsageError("--trace tells one life: name it with --seed")
    else:
        _many(session, job, **many)


def _refuse_others(many: Mapping[str, Any]) -> None:
    typed = [f"--{name}" for name in ("seeds", "minutes", "jobs") if many[name] is not None]
    typed += ["--from"] if many["first"] else []
    if typed:
        raise click.UsageError(f"--seed is one life, and {', '.join(typed)} for many")


def _many(
    session: Session,
    job: Job,
    seeds: int | None,
    first: int,
    minutes: float | None,
    jobs: int | None,
) -> None:
    if minutes is not None and not isfinite(minutes):
        raise click.UsageError("--minutes: a number, and not for ever")
    enough = seeds or (None if minutes else SEEDS)
    _answer(session, job, live(session, job, first, enough, minutes, jobs or cores()))


def _answer(session: Session, job: Job, lives: Lives) -> None:
    seed = 0 if lives.failure is None else lives.failure.seed
    command = command_for(session, job.name, seed)
    session.answer(summary(job.name, lives, command), data(lives, command))
    if lives.failure is not None:
        raise click.exceptions.Exit(1)
    if lives.interrupted:
        raise NotNow(f"interrupted; go on with --from {lives.first + lives.lives}")


def _one(session: Session, job: Job, seed: int, trace: bool) -> None:
    plan, tally = plan_of(job), Counter[tuple[str, str]]()
    with redirect_stdout(sys.stderr):  # what a domain prints is no part of our answer
        failure = one(plan, seed, tally)
        trace = trace and (failure is None or failure.steps > 0)  # or nothing has happened yet
        if trace and failure is not None:
            session.progress(f"seed {seed} fails; looking for the shortest way in which it does")
        failure, lines = _story(plan, seed, failure) if trace else (failure, [])
    command = command_for(session, job.name, seed)
    end = [f"seed {seed}: whatever must hold held"] if failure is None else broken(failure)
    hint = [] if failure is None or trace else [f"show it: {command}"]
    said = None if failure is None else failed(failure, command)
    told = {"seed": seed, "failure": said, **({"story": lines} if trace else {})}
    shown = [*trimmed(lines), ""] if lines else []
    session.answer("\n".join([*shown, *end, *hint]), told)
    if failure is not None:
        raise click.exceptions.Exit(1)


def _story(plan: Plan, seed: int, failure: Failure | None) -> tuple[Failure | None, list[str]]:
    """Line by line; of a life that fails, as little as there can be of it."""
    from mainstem.sim.lived import lines_of
    from mainstem.sim.shrink import shrunk
    from mainstem.sim.telling import story

    found = None if failure is None else shrunk(plan, seed)
    if found is None:
        return failure, list(story(lines_of(plan, seed)))
    return found.failure, [*story(found.failure.trace), "", left(found)]
