"""Rows on SQLite: what views show."""

from __future__ import annotations

import json
from collections.abc import Collection

from local import lists
from local.change import written
from local.generations import domain_of
from local.lanes import lane_of, moved
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Changed, Generation, Head, Lane, Listed, Place
from mainstem.ports.rows import NOWHERE

HEAD = """SELECT version, sequence, idx FROM heads
    WHERE generation = ? AND tenant = ? AND id = ?"""
ROW = """SELECT version, sequence, idx, cells FROM heads
    WHERE generation = ? AND tenant = ? AND id = ?"""
# One statement, so that a head never stands beside rows of another version.
KEYED = """SELECT h.version, h.sequence, h.idx, h.cells, r.key, r.cells FROM heads h
    LEFT JOIN rows r ON r.generation = h.generation AND r.tenant = h.tenant AND r.id = h.id
        AND r.key IN (SELECT value FROM json_each(?))
    WHERE h.generation = ? AND h.tenant = ? AND h.id = ?"""
CHANGES = """SELECT place, tenant, id, key, version FROM changes
    WHERE generation = ? AND place > ? ORDER BY place LIMIT ?"""
FORGET = "DELETE FROM changes WHERE generation = ? AND place <= ?"
FACTS = """SELECT 1 FROM lanes JOIN generations ON generation = number WHERE sink = ? LIMIT 1"""
NOTHING_THERE = Head(0, NOWHERE, {})


class Rows:
    """Each head, its rows and all that is written with them, in one file."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def read(
        self, generation: Generation, aggregate: Aggregate, keys: Collection[str]
    ) -> Head:
        """How far the aggregate has come, with the rows asked for, all of one moment."""
        owner = (generation.number, aggregate.tenant, aggregate.id)
        if not keys:
            found = self.store.row(HEAD, *owner)
            return NOTHING_THERE if found is None else Head(found[0], found[1:3], {})
        if len(keys) == 1 and "" in keys:
            found = self.store.row(ROW, *owner)
            return NOTHING_THERE if found is None else _head(*found)
        return self._keyed(owner, keys)

    def _keyed(self, owner: tuple[int, str, str], keys: Collection[str]) -> Head:
        asked = json.dumps(list(keys), ensure_ascii=False)
        found = self.store.rows(KEYED, asked, *owner)
        if not found:
            return NOTHING_THERE
        head = _head(*found[0][:4] if "" in keys else (*found[0][:3], None))
        rows = {key: cells for *_, key, cells in found if key is not None}
        return head._replace(rows={**head.rows, **rows})

    async def write(self, generation: Generation, aggregate: Aggregate, change: Change) -> bool:
        """All of it or nothing, IF version and position are those read; False: they are not."""
        return self.store.write(
            lambda db: written(db, generation, aggregate, change), durable=False
        )

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
            self.store, generation, tenant, index, values, after, limit, newest_first
        )

    async def all(
        self, generation: Generation, after: tuple[str, str, str], limit: int
    ) -> tuple[Listed, ...]:
        """Every row, in the order of tenants, ids and keys."""
        return lists.every(self.store, generation, after, limit)

    async def changes(self, generation: Generation, after: int, limit: int) -> tuple[Changed, ...]:
        """The change stream, from the oldest that is kept."""
        found = self.store.rows(CHANGES, generation.number, after, limit)
        domain = domain_of(generation)
        return tuple(
            Changed(place, Aggregate(tenant, domain, id), key, version)
            for place, tenant, id, key, version in found
        )

    async def forget(self, generation: Generation, upto: int) -> None:
        """Changes up to here were heard by all who listen."""
        self.store.write(lambda db: db.execute(FORGET, (generation.number, upto)), durable=False)

    def counts_facts(self, sink: str) -> bool:
        """Whether any generation of it has applied facts."""
        return self.store.row(FACTS, sink) is not None

    async def lane(self, generation: Generation, lane: str) -> Lane:
        """How far it has come, strongly read."""
        return lane_of(self.store, generation, lane)

    async def move(self, generation: Generation, lane: str, read: Lane, new: Lane) -> bool:
        """IF its sequence is the one read; False: another was faster."""
        return self.store.write(lambda db: moved(db, generation, lane, read, new), durable=False)


def _head(version: int, sequence: int, idx: int, cells: bytes | None) -> Head:
    return Head(version, (sequence, idx), {} if cells is None else {"": cells})
