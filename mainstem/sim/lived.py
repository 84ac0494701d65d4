"""Lived: how one life went, for whoever lives many of them."""

from __future__ import annotations

import traceback
from typing import NamedTuple

from mainstem.sim.checks import EVERY
from mainstem.sim.life import Life
from mainstem.sim.only import EVERYTHING, Only
from mainstem.sim.plan import Plan
from mainstem.sim.telling import Line
from mainstem.sim.world import Broken, Tally


class Failure(NamedTuple):
    """What is broken, and where that was noticed: two that were noticed there failed alike."""

    seed: int
    why: str
    where: str
    steps: int  # until it was noticed
    faults: int  # that were drawn until then
    trace: tuple[Line, ...] = ()


def lived(
    plan: Plan, seed: int, tally: Tally, only: Only = EVERYTHING, *, told: bool = False
) -> Failure | None:
    """Lives it. None: whatever must hold does."""
    try:
        life = Life(seed, plan, tally, only=only)
    except Exception as error:  # noqa: BLE001  the domain's own code may fail before anybody asks
        return Failure(seed, _in_words(error), _place(error), 0, 0)
    scheduler = life.world.scheduler
    if told:
        scheduler.lines = []
        _begun(life)
    try:
        life.run()
    except Exception as error:  # noqa: BLE001  whatever it is, it must not be
        trace = tuple(scheduler.lines or ())
        where, count = _place(error), life.world.faults.count
        return Failure(seed, _in_words(error), where, scheduler.steps, count, trace)
    return None


def lines_of(plan: Plan, seed: int) -> tuple[Line, ...]:
    """All that happens in a life that went well; should it fail this time, that as well."""
    life = Life(seed, plan, Tally())
    life.world.scheduler.lines = lines = list[Line]()
    _begun(life)
    try:
        life.run()
    except Exception as error:  # noqa: BLE001  whatever it is, it is told
        life.world.scheduler.told("the world", "this time it fails", _in_words(error))
    return tuple(lines)


def _in_words(error: Exception) -> str:
    said = " ".join(str(error).split())
    if isinstance(error, Broken):
        return said
    return f"{type(error).__name__}: {said} ({_place(error).rpartition('/')[2]})"


def _place(error: BaseException) -> str:
    """Where it began: what a domain's code met says more than who told of it."""
    last = traceback.extract_tb((error.__cause__ or error).__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"


def _begun(life: Life) -> None:
    """What happened before anybody looked."""
    for one in life.world.asked_of:
        records = life.world.now("journal", "records", one, 0, EVERY)
        if records:
            life.world.scheduler.told("before", f"{one} has come to version {records[-1].last}")
