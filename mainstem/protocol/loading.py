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
from mainstem.bundle import BUNDLE_EVENTS_MAX, lane_of
from mainstem.ports import Corrupt, Generation, Head, Journal, Parked, Parks
from mainstem.protocol.change import loaded
from mainstem.protocol.consume import Into
from mainstem.protocol.folded import Dirty, Folded, Prepared
from mainstem.protocol.repair import fold_on, from_park
from mainstem.sink import Sink

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


def prepared(sink: Sink, one: Folded | Dirty) -> Prepared | Dirty:
    """Ready to be written. It needs no store, so any process can do it."""
    if isinstance(one, Dirty):
        return one
    try:
        change = loaded(sink, one.aggregate, one.version, one.applied, one.rows)
    except Unfit as no:
        return Dirty(one.aggregate, one.version, str(no), whole=True)
    return Prepared(one.aggregate, one.version, change)


async def load(
    into: Into, journal: Journal, old: Generation | None, some: Iterable[Prepared | Dirty]
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
            await into.rows.write(into.generation, one.aggregate, one.change)
            done += Loaded(one.version, 1, len(one.change.rows))
        if old is not None and await into.parks.waits(old, one.aggregate):
            # The archive may be behind what is read: what waits there has come so far.
            await levelled(into, journal, old, one.aggregate)
            await waits_too(into, old, one.aggregate)
    return done


async def _from_journal(into: Into, journal: Journal, one: Prepared | Dirty, upto: int) -> Loaded:
    if isinstance(one, Dirty) and not into.sink.domain.decided:
        if one.whole:  # they are kept nowhere from where they could be folded once the code can
            late = "mend its fold, or it would wait with all of it"
            raise Unfit(f"{one.aggregate}: {one.why}; {late}")
        raise Corrupt(f"{one.aggregate}: {one.why}; facts are nowhere else")
    why = await fold_on(into, journal, one.aggregate, upto=upto)
    if why:
        await into.wait(one.aggregate, upto, why, poison=True)
    rows = await _rows(into, one.aggregate)
    return Loaded(one.version, 1, rows, isinstance(one, Dirty), bool(why))


async def _rows(into: Into, aggregate: Aggregate) -> int:
    """How many it has."""
    found = len((await into.rows.read(into.generation, aggregate, ("",))).rows)
    if not into.sink.state.__keys__:
        return found
    after = (aggregate.tenant, aggregate.id, "")  # behind the row of an empty key
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


async def waits_too(into: Into, old: Generation, aggregate: Aggregate) -> bool:
    """Where the row that is read waits for something, the feed has brought that already.

    Once both have come as far as that, it is repaired by whoever is read then, with all it causes.
    """
    parked = await into.parks.parked(old, aggregate)
    if parked is None:
        return False
    mine = parked._replace(generation=into.generation.number, tries=0)
    await into.parks.park(into.generation, mine)
    return True


async def wait_alike(into: Into, journal: Journal, old: Generation) -> None:
    """What waits in the rows that are read waits here; what waits there no more goes on here.

    Either comes as far as those are before: what they show has caused all it ever will.
    """
    either = [*await waiting(into.parks, old), *await waiting(into.parks, into.generation)]
    for aggregate in dict.fromkeys(one.aggregate for one in either):
        why = await levelled(into, journal, old, aggregate)
        if not await waits_too(into, old, aggregate) and not why:
            head = await into.rows.read(into.generation, aggregate, ())
            await into.parks.unpark(into.generation, aggregate, head.version, head.applied)


async def levelled(into: Into, journal: Journal, old: Generation, aggregate: Aggregate) -> str:
    """Folds it as far as the row that is read; "", or why not, for which it waits then."""
    there = await into.rows.read(old, aggregate, ())
    here = await into.rows.read(into.generation, aggregate, ())
    if here.version >= there.version:
        return ""
    if into.sink.domain.decided:
        why = await fold_on(into, journal, aggregate, upto=there.version)
        high = there.version
    else:
        why, high = await _from_park(into, aggregate, there), 0
    if why:
        await into.wait(aggregate, high, why, poison=True)
    return why


async def _from_park(into: Into, aggregate: Aggregate, there: Head) -> str:
    """Of facts, all up to where its lane is are applied or kept here; what is later will come."""
    parked = await into.parks.parked(into.generation, aggregate)
    if parked is None:
        return ""
    lane = await into.rows.lane(into.generation, lane_of(aggregate))
    upto = min(there.applied, (lane.sequence, BUNDLE_EVENTS_MAX))
    return await from_park(into, aggregate, parked, upto=upto)
