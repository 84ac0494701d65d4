"""Rows in memory: what views show."""

from __future__ import annotations

from collections.abc import Collection

from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Changed, Generation, Head, Lane, Listed, Place
from mainstem.sim.stores import lists
from mainstem.sim.stores.change import written
from mainstem.sim.stores.views import NOTHING_THERE, Stream, Views

AT_ITS_BEGINNING = Lane()


class Rows:
    """Each head, its rows and all that is written with them."""

    def __init__(self, views: Views) -> None:
        self.views = views

    async def read(
        self, generation: Generation, aggregate: Aggregate, keys: Collection[str]
    ) -> Head:
        """How far the aggregate has come, with the rows asked for."""
        head = self.views.rows.get((generation.number, aggregate), NOTHING_THERE)
        rows = head.rows
        return Head(head.version, head.applied, {key: rows[key] for key in keys if key in rows})

    async def write(self, generation: Generation, aggregate: Aggregate, change: Change) -> bool:
        """All of it or nothing, IF version and position are those read; False: they are not."""
        return written(self.views, generation, aggregate, change)

    async def list(
        self,
        generation: Generation,
        tenant: str,
        index: str,
        values: str,
        after: Place | None,
        limit: int,
        newest_first: bool,
    ) -> tuple[Listed, ...]:
        """Rows of one list in its order: by value, id and key, all turned by newest_first."""
        return lists.listed(
            self.views, generation, tenant, index, values, after, limit, newest_first
        )

    async def all(
        self, generation: Generation, after: tuple[str, str, str], limit: int
    ) -> tuple[Listed, ...]:
        """Every row, in the order of tenants, ids and keys."""
        return lists.every(self.views, generation, after, limit)

    async def changes(self, generation: Generation, after: int, limit: int) -> tuple[Changed, ...]:
        """The change stream, from the oldest that is kept."""
        _, kept = self.views.streams.get(generation.number, Stream())
        first = _told(kept, after)
        return kept[first : first + limit]

    async def forget(self, generation: Generation, upto: int) -> None:
        """Changes up to here were heard by all who listen."""
        last, kept = self.views.streams.get(generation.number, Stream())
        if kept:
            self.views.streams[generation.number] = Stream(last, kept[_told(kept, upto) :])

    async def lane(self, generation: Generation, lane: str) -> Lane:
        """How far it has come, strongly read."""
        return self.views.lanes.get((generation.number, lane), AT_ITS_BEGINNING)

    async def move(self, generation: Generation, lane: str, read: Lane, new: Lane) -> bool:
        """IF its sequence is the one read; False: another was faster."""
        there = self.views.lanes.get((generation.number, lane), AT_ITS_BEGINNING)
        if there.sequence != read.sequence:
            return False
        self.views.lanes[generation.number, lane] = new
        return True


def _told(kept: tuple[Changed, ...], upto: int) -> int:
    """How many of these have places up to here: they stand without a hole."""
    return min(max(upto + 1 - kept[0].place, 0), len(kept)) if kept else 0
