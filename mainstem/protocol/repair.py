"""REPAIR and REDRIVE: fold what a parked aggregate waits for, then let it go on by itself."""

from __future__ import annotations

from mainstem.aggregate import Aggregate
from mainstem.envelope import decode
from mainstem.ports import Contended, Head, Journal, Parked
from mainstem.ports.parks import Position
from mainstem.protocol.change import Changed, changed, keys_of
from mainstem.protocol.consume import Into
from mainstem.protocol.received import Happening

RECORDS_PER_STEP_MAX = 64
NOTHING: frozenset[int] = frozenset()


async def repair(
    into: Into, journal: Journal, aggregate: Aggregate, skip: frozenset[int] = NOTHING
) -> bool:
    """Whether it is free again; where not, the park says why. `skip` are versions given up on."""
    parked = await into.parks.parked(into.generation, aggregate)
    if parked is None:
        return True
    if into.sink.domain.decided:
        why = await fold_on(into, journal, aggregate, skip=skip)
    else:
        why = await from_park(into, aggregate, parked, skip=skip)
    head = await into.rows.read(into.generation, aggregate, ())
    if await into.parks.unpark(into.generation, aggregate, head.version, head.applied):
        return True
    missing = f"version {head.version + 1} is missing from the journal"
    await into.parks.tried(into.generation, aggregate, why or missing, poison=why != "")
    return False


async def fold_on(
    into: Into,
    journal: Journal,
    aggregate: Aggregate,
    *,
    upto: int | None = None,
    skip: frozenset[int] = NOTHING,
) -> str:
    """Folds from the journal, to its end or to a version; why it stopped, or ""."""
    while True:
        head = await into.rows.read(into.generation, aggregate, ())
        run = await _journalled(journal, aggregate, head.version, upto)
        if not run:
            return ""
        new, written = await _write(into, aggregate, head, run, skip)
        if new.stopped is not None and new.change is None:
            return f"version {new.stopped.version}: {new.stopped.why}"
        if not written:
            raise Contended(f"{aggregate}: somebody else is writing its row")


async def _journalled(
    journal: Journal, aggregate: Aggregate, after: int, upto: int | None
) -> list[Happening]:
    """What follows on, as far as one step goes."""
    records = await journal.records(aggregate, after, RECORDS_PER_STEP_MAX)
    found = [Happening((0, 0), line, decode(line)) for record in records for line in record.events]
    return [one for one in found if after < one.version and (upto is None or one.version <= upto)]


async def from_park(
    into: Into,
    aggregate: Aggregate,
    parked: Parked,
    *,
    upto: Position | None = None,
    skip: frozenset[int] = NOTHING,
) -> str:
    """The same for facts: they are kept in the park itself, in the order of the feed."""
    since, facts = parked.since, sorted(parked.facts.items())
    kept = [
        Happening(place, line, decode(line), since)
        for place, line in facts
        if upto is None or place <= upto
    ]
    while True:
        head = await into.rows.read(into.generation, aggregate, ())
        run = [one for one in kept if one.position > head.applied]
        if not run:
            return ""
        new, written = await _write(into, aggregate, head, run, skip)
        if new.stopped is not None and new.change is None:
            return f"fact {new.stopped.version}: {new.stopped.why}"
        if not written:
            raise Contended(f"{aggregate}: somebody else is writing its row")


async def _write(
    into: Into, aggregate: Aggregate, head: Head, run: list[Happening], skip: frozenset[int]
) -> tuple[Changed, bool]:
    """One write for the whole run, as far as it can be folded."""
    full = await into.rows.read(into.generation, aggregate, keys_of(into.sink, run))
    if (full.version, full.applied) != (head.version, head.applied):
        return Changed(None, None), False
    new = changed(into.sink, full, run, skip)
    if new.change is None:
        return new, True
    return new, await into.rows.write(into.generation, aggregate, new.change)
