"""REFOLD: a generation's rows from the journal, exactly as far as the one it takes the place of.

It stops at the version that the old rows show, so what follows comes by the feed, once, with all
its reactions: none fires for history, and none is forgotten. Where no rows were, it goes to the
end, and reactions fire for what happened since they were known: the feed brings that too late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mainstem._mark import Unique, marks
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.fingerprint import printed
from mainstem.ports import Claim, Generation, Generations, Journal, Touched
from mainstem.protocol.consume import Into
from mainstem.protocol.repair import fold_on
from mainstem.protocol.standing import Standing

HEADS_PER_STEP_MAX = 500
REFOLDED = "refolded"  # how far, in the journal's own words
Conflicts = list[tuple[Aggregate, Claim]]


async def refold(
    into: Into, old: Generation | None, generations: Generations, journal: Journal
) -> tuple[int, Conflicts]:
    """The next aggregates: how many, and which claims somebody else holds. Again until none."""
    since = await generations.noted(into.generation, REFOLDED)
    some, conflicts = await refold_since(since, into, old, journal)
    if some:
        await generations.note(into.generation, REFOLDED, some[-1].place)
    return len(some), conflicts


async def refold_since(
    place: str, into: Into, old: Generation | None, journal: Journal
) -> tuple[Sequence[Touched], Conflicts]:
    """Those that were touched next after this place."""
    touched = await journal.touched(place, HEADS_PER_STEP_MAX)
    # What old rows showed has caused all it ever will.
    folded = into if old is None else replace(into, sink=replace(into.sink, reactions=()))
    conflicts: Conflicts = []
    for one in touched:
        if one.aggregate.domain == into.sink.domain.name:
            await _refold(folded, old, journal, one)
            conflicts += await reclaim(into, journal, one.aggregate)
    return touched, conflicts


async def _refold(into: Into, old: Generation | None, journal: Journal, touched: Touched) -> None:
    aggregate = touched.aggregate
    upto = None if old is None else (await into.rows.read(old, aggregate, ())).version
    why = await fold_on(into, journal, aggregate, upto=upto)
    if why:  # it waits as it would have, had it come by the feed
        await into.wait(aggregate, upto or touched.version, why, poison=True)
    parked = None if old is None else await into.parks.parked(old, aggregate)
    if parked is not None:
        await into.wait(aggregate, parked.high, parked.why, poison=False)


async def reclaim(into: Into, journal: Journal, aggregate: Aggregate) -> Conflicts:
    """Claims that a changed domain file makes, for all that happened before it did."""
    state = into.sink.state
    while marks(state, Unique):
        loaded = await journal.load(aggregate, "", {state.__name__: printed(state)})
        standing = Standing(into.sink.domain, (state,), aggregate)
        try:
            standing.take(loaded)
            claims = standing.claims()
        except Unfit:
            return []  # it is parked by now, and says why there
        refused = await journal.claim(aggregate, loaded.version, state.__name__, claims)
        if refused is not None:
            return [(aggregate, one) for one in refused]
    return []
