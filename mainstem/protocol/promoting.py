"""PROMOTE: another generation is read from now on, once it has come to where the rows are that are.

Going back is the same, the other way round: what is kept has its own consumer, with its own code,
and so is as far as the feed, or nearly. What it lacks of the rows that are read is folded from the
journal first; what was committed before that began is shown by both when the pointer turns.
"""

from __future__ import annotations

from collections.abc import Collection

from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Generations, Journal, Parked, Unavailable
from mainstem.protocol.audit import AUDITED
from mainstem.protocol.consume import Into
from mainstem.protocol.loading import waiting
from mainstem.protocol.refold import refold_since


class Unready(Unavailable):
    """What has to hold before it is read does not."""


async def promoted(
    into: Into, old: Generation, generations: Generations, journal: Journal,
    allowed: Collection[str] = (),
) -> bool:  # fmt: skip
    """Whether it is read instead of `old`; False: somebody else was here. Raises Unready."""
    # What rows lack of facts no journal has: those need their lanes and rows in one transaction.
    assert into.sink.domain.decided, f"{into.sink.name}: facts are not promoted by these steps"
    await come_up(into, old, await generations.noted(into.generation, AUDITED), journal)
    refuse_waiting(into, await newly_waiting(into, old), allowed)
    return await generations.promote(into.generation, old, await into.clock.now())


async def come_up(into: Into, old: Generation, place: str, journal: Journal) -> None:
    """To where the rows are that are read. Before `place` its auditor has seen to that.

    A last event that got lost leaves no gap, so what both show is looked at, and not the feed.
    """
    while some := await refold_since(place, into, old, journal):
        place = some[-1].place


async def newly_waiting(into: Into, old: Generation | None) -> list[Parked]:
    """Those that wait, and not in what is read, or further on: they would be shown less of."""
    return [
        one
        for one in await waiting(into.parks, into.generation)
        if old is None or await _shown_less(into, old, one.aggregate)
    ]


async def _shown_less(into: Into, old: Generation, aggregate: Aggregate) -> bool:
    if not await into.parks.waits(old, aggregate):
        return True
    here, there = [await into.rows.read(g, aggregate, ()) for g in (into.generation, old)]
    return here.version < there.version


def refuse_waiting(into: Into, some: Collection[Parked], allowed: Collection[str]) -> None:
    """Raises Unready, naming them, but for those that somebody has allowed to."""
    left = [one for one in some if str(one.aggregate) not in allowed]
    if left:
        named = ", ".join(f"{one.aggregate} ({one.why})" for one in left[:3])
        raise Unready(
            f"{into.sink.name}: {len(left)} wait: {named}; `--allow-parked` names those that may"
        )
