"""Parks in memory: aggregates that wait, facts kept for them, and bytes that nobody can decode."""

from __future__ import annotations

from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Parked, Quarantined
from mainstem.ports.parks import Position
from mainstem.sim.stores.views import Views


class Parks:
    """Whoever waits, beside the rows it waits for."""

    def __init__(self, views: Views) -> None:
        self.views = views

    async def waits(self, generation: Generation, aggregate: Aggregate) -> bool:
        """Whether it is parked."""
        return (generation.number, aggregate) in self.views.parks

    async def parked(self, generation: Generation, aggregate: Aggregate) -> Parked | None:
        """How and why it waits, with its facts; None where it does not."""
        return self.views.parks.get((generation.number, aggregate))

    async def park(self, generation: Generation, parked: Parked) -> None:
        """Park it, or raise the `high` of one that is, and keep its facts beside those there."""
        owner = (generation.number, parked.aggregate)
        new = parked._replace(sink=generation.sink, generation=generation.number)
        there = self.views.parks.get(owner, new)
        self.views.parks[owner] = _both(there, new)

    async def tried(
        self, generation: Generation, aggregate: Aggregate, why: str, poison: bool
    ) -> None:
        """A repair came to nothing, for this reason: it is poison if this is, whatever it was."""
        owner = (generation.number, aggregate)
        there = self.views.parks.get(owner)
        if there is not None:
            tries = there.tries + 1
            self.views.parks[owner] = there._replace(why=why, poison=poison, tries=tries)

    async def unpark(
        self, generation: Generation, aggregate: Aggregate, reached: int, applied: Position
    ) -> bool:
        """IF `high` and every fact it keeps are reached; False: more was parked meanwhile."""
        owner = (generation.number, aggregate)
        there = self.views.parks.get(owner)
        if there is None:
            return True  # free already is free as well
        if there.high > reached or any(position > applied for position in there.facts):
            return False
        del self.views.parks[owner]
        return True

    async def waiting(self, generation: Generation, after: str, limit: int) -> tuple[Parked, ...]:
        """In the order of tenants and ids, from the one after `tenant/id`; facts are left out."""
        tenant, _, id = after.partition("/")
        waiting = self.views.parked(generation)
        found = sorted(one for one in waiting if (one.tenant, one.id) > (tenant, id))
        return tuple(waiting[one]._replace(facts={}) for one in found[:limit])

    async def quarantine(self, record: Quarantined) -> None:
        """Keep the bytes, once for each shard and sequence."""
        self.views.quarantine.setdefault((record.sequence, record.shard), record)

    async def quarantined(self, after: int, limit: int) -> tuple[Quarantined, ...]:
        """In the order of sequences. A page ends after all records of its last one."""
        kept = self.views.quarantine
        found = sorted(place for place in kept if place[0] > after)
        last = [sequence for sequence, _ in found[:limit]][-1:]
        return tuple(kept[place] for place in found if [place[0]] <= last)


def _both(there: Parked, new: Parked) -> Parked:
    """A gap on top of poison is still poison; poison on top of a gap is what has to be told."""
    return there._replace(
        high=max(there.high, new.high),
        why=new.why if new.poison > there.poison else there.why,
        poison=there.poison or new.poison,
        facts=dict(sorted({**new.facts, **there.facts}.items())),
    )
