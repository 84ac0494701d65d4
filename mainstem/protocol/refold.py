"""REFOLD: a generation's rows from the journal, exactly as far as the one it takes the place of.

It stops at the version that the old rows show, so what follows comes by the feed, once, with all
its reactions: none fires for history, and none is forgotten. Where no rows were, it goes to the
end, and reactions fire for what happened since they were known: the feed brings that too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mainstem.ports import Generation, Generations, Journal, Touched
from mainstem.protocol.consume import Into
from mainstem.protocol.repair import fold_on

HEADS_PER_STEP_MAX = 500
REFOLDED = "refolded"  # how far, in the journal's own words


async def refold(
    into: Into, old: Generation | None, generations: Generations, journal: Journal
) -> int:
    """The next aggregates: how many. Again until none."""
    since = await generations.noted(into.generation, REFOLDED)
    some = await refold_since(since, into, old, journal)
    if some:
        await generations.note(into.generation, REFOLDED, some[-1].place)
    return len(some)


async def refold_since(
    place: str, into: Into, old: Generation | None, journal: Journal
) -> Sequence[Touched]:
    """Those that were touched next after this place."""
    touched = await journal.touched(place, HEADS_PER_STEP_MAX)
    # What old rows showed has caused all it ever will.
    folded = into if old is None else replace(into, sink=replace(into.sink, reactions=()))
    for one in touched:
        if one.aggregate.domain == into.sink.domain.name:
            await _refold(folded, old, journal, one)
    return touched


async def _refold(into: Into, old: Generation | None, journal: Journal, touched: Touched) -> None:
    aggregate = touched.aggregate
    upto = None if old is None else (await into.rows.read(old, aggregate, ())).version
    why = await fold_on(into, journal, aggregate, upto=upto)
    if why:  # it waits as it would have, had it come by the feed
        await into.wait(aggregate, upto or touched.version, why, poison=True)
    parked = None if old is None else await into.parks.parked(old, aggregate)
    if parked is not None:
        await into.wait(aggregate, parked.high, parked.why, poison=False)
