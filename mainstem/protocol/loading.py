"""Loading: what was folded, into a generation that nobody reads yet. Nothing is effected by it.

Each aggregate is written only where nothing is written, so a part that was loaded half is loaded
once more, and whatever has come by the feed since stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.ports import Corrupt, Generation, Journal, Parked, Parks
from mainstem.protocol.change import loaded
from mainstem.protocol.consume import Into
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.repair import fold_on

PARKED_A_PAGE, ROWS_A_PAGE = 500, 500


class Loaded(NamedTuple):
    """How much there was, and how much of it was folded elsewhere, or waits."""

    events: int = 0
    aggregates: int = 0
    rows: int = 0
    dirty: int = 0
    parked: int = 0

    def __add__(self, other: tuple[int, ...]) -> Loaded:  # type: ignore[override]
        return Loaded(*(a + b for a, b in zip(self, other, strict=True)))


def silent(into: Into) -> Into:
    """The same, without a word of what follows from events: rebuilds never make effects."""
    return replace(into, sink=replace(into.sink, reactions=()))


async def load(
    into: Into, journal: Journal, old: Generation | None, some: Iterable[Folded | Dirty]
) -> Loaded:
    """All of these. Raises Corrupt where facts are missing that nobody else has.

    Never further than the rows that are read: what follows from later events, those have to say.
    """
    done = Loaded()
    for one in some:
        upto = one.version
        if old is not None and into.sink.domain.decided:
            upto = min(upto, (await into.rows.read(old, one.aggregate, ())).version)
        if isinstance(one, Dirty) or upto < one.version:
            done += await _from_journal(into, journal, one, upto)
        else:
            done += await _written(into, one)
        await waits_too(into, old, one.aggregate)
    return done


async def _written(into: Into, one: Folded) -> Loaded:
    try:
        change = loaded(into.sink, one.aggregate, one.version, one.applied, one.rows)
    except Unfit as no:
        await into.wait(one.aggregate, one.version, str(no), poison=True)
        return Loaded(one.version, 1, 0, 0, 1)
    await into.rows.write(into.generation, one.aggregate, change)
    return Loaded(one.version, 1, len(one.rows))


async def _from_journal(into: Into, journal: Journal, one: Folded | Dirty, upto: int) -> Loaded:
    if isinstance(one, Dirty) and not into.sink.domain.decided:
        if one.whole:
            raise Unfit(
                f"{one.aggregate}: {one.why}; mend its fold, or it would wait with all of it"
            )
        raise Corrupt(f"{one.aggregate}: {one.why}; facts are nowhere else")
    why = await fold_on(into, journal, one.aggregate, upto=upto)
    if why:
        await into.wait(one.aggregate, upto, why, poison=True)
    rows = await _rows(into, one.aggregate)
    return Loaded(one.version, 1, rows, isinstance(one, Dirty), bool(why))


async def _rows(into: Into, aggregate: Aggregate) -> int:
    """How many it has."""
    if not into.sink.state.__keys__:
        return min(1, (await into.rows.read(into.generation, aggregate, ())).version)
    found, after = 0, (aggregate.tenant, aggregate.id, "")
    while page := await into.rows.all(into.generation, after, ROWS_A_PAGE):
        mine = sum(one.aggregate == aggregate for one in page)
        found += mine
        if mine < len(page):
            break
        after = (aggregate.tenant, aggregate.id, page[-1].key)
    return found


async def waiting(parks: Parks, generation: Generation) -> list[Parked]:
    """All that waits in it."""
    found: list[Parked] = []
    after = ""
    while page := await parks.waiting(generation, after, PARKED_A_PAGE):
        found += page
        after = f"{page[-1].aggregate.tenant}/{page[-1].aggregate.id}"
    return found


async def waits_too(into: Into, old: Generation | None, aggregate: Aggregate) -> None:
    """Where the row that is read waits for something, the feed has brought that already.

    Once both have come as far as that, it is repaired by whoever is read then, with all it causes.
    """
    parked = None if old is None else await into.parks.parked(old, aggregate)
    if parked is not None:
        await into.parks.park(
            into.generation, parked._replace(generation=into.generation.number, tries=0)
        )
