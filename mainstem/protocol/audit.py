"""AUDIT: what was committed, beside what a sink shows. A lost last event leaves no other trace."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from mainstem.ports import Generations, Journal, Touched
from mainstem.protocol.consume import Into

AGE_US = 30_000_000
HEADS_PER_STEP_MAX = 500
AUDITED = "audited"  # how far, in the journal's own words
AUDITED_AT = "audited at"


class Audited(NamedTuple):
    """How many aggregates were compared, how many were behind, and whether that was all."""

    compared: int
    behind: int
    done: bool


async def audit(
    into: Into, generations: Generations, journal: Journal, age: int = AGE_US
) -> Audited:
    """R4: the cost grows with what was committed lately, not with all aggregates there are.

    What was committed `age` ago and is neither shown nor parked was lost on its way: it is parked
    now, and repair does the rest. Whoever was touched since has its turn later.
    """
    now = await into.clock.now()
    since = await generations.noted(into.generation, AUDITED)
    touched = await journal.touched(since, HEADS_PER_STEP_MAX)
    # Nothing young is passed over; what a clock of tomorrow has stamped is as old as any.
    old = list(takewhile(lambda one: not now - age < one.at <= now, touched))
    behind = sum([await _behind(into, one) for one in old])
    done = len(old) < HEADS_PER_STEP_MAX
    young = touched[len(old) :]
    if touched:  # whatever lies before the first young one was looked at, or has moved on since
        upto = young[0].before if young else touched[-1].place
        await generations.note(into.generation, AUDITED, upto)
    if done:
        await generations.note(into.generation, AUDITED_AT, str(now))
    return Audited(len(old), behind, done)


async def _behind(into: Into, head: Touched) -> bool:
    """Whether this sink should show it, does not, and does not know."""
    aggregate, version = head.aggregate, head.version
    if aggregate.domain != into.sink.domain.name:
        return False
    row = await into.rows.read(into.generation, aggregate, ())
    if row.version >= version:
        return False
    parked = await into.parks.parked(into.generation, aggregate)
    if parked is not None and parked.high >= version:
        return False
    why = f"versions {row.version + 1} to {version} were committed and never came"
    await into.wait(aggregate, version, why, poison=False)
    return True
