"""Parks on SQLite: aggregates that wait, facts kept for them, and bytes that nobody can decode."""

from __future__ import annotations

import sqlite3

from local.generations import domain_of
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Parked, Quarantined
from mainstem.ports.parks import Position

Owner = tuple[int, str, str]  # generation, tenant, id

ONE = """SELECT p.high, p.why, p.poison, p.since, p.tries, f.sequence, f.idx, f.event
    FROM parked p LEFT JOIN facts f USING (generation, tenant, id)
    WHERE p.generation = ? AND p.tenant = ? AND p.id = ? ORDER BY f.sequence, f.idx"""
SOME = """SELECT tenant, id, high, why, poison, since, tries FROM parked
    WHERE generation = ? AND (tenant, id) > (?, ?) ORDER BY tenant, id LIMIT ?"""
# A gap on top of poison is still poison; poison on top of a gap is what has to be told.
PARK = """INSERT INTO parked (generation, tenant, id, high, why, poison, since, tries)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET high = max(high, excluded.high),
        why = CASE WHEN excluded.poison > poison THEN excluded.why ELSE why END,
        poison = max(poison, excluded.poison)"""
KEEP = """INSERT OR IGNORE INTO facts (generation, tenant, id, sequence, idx, event)
    VALUES (?, ?, ?, ?, ?, ?)"""
TRIED = """UPDATE parked SET why = ?, poison = ?, tries = tries + 1
    WHERE generation = ? AND tenant = ? AND id = ?"""
FREE = """DELETE FROM parked WHERE generation = ? AND tenant = ? AND id = ? AND high <= ?
    AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.generation = parked.generation
        AND f.tenant = parked.tenant AND f.id = parked.id AND (f.sequence, f.idx) > (?, ?))"""
IS_PARKED = "SELECT 1 FROM parked WHERE generation = ? AND tenant = ? AND id = ?"
LET_GO = "DELETE FROM facts WHERE generation = ? AND tenant = ? AND id = ?"
COUNT = "SELECT count(*) FROM parked WHERE generation = ?"
QUARANTINE = """INSERT OR IGNORE INTO quarantined (shard, sequence, key, data, why, at)
    VALUES (?, ?, ?, ?, ?, ?)"""
# A page ends after all records of its last sequence: where to go on is said by sequence alone.
QUARANTINED = """SELECT shard, sequence, key, data, why, at FROM quarantined
    WHERE sequence > ?1 AND sequence <= (SELECT max(sequence) FROM
        (SELECT sequence FROM quarantined WHERE sequence > ?1 ORDER BY sequence LIMIT ?2))
    ORDER BY sequence, shard"""


class Parks:
    """Whoever waits, in the file of the rows it waits for."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def parked(self, generation: Generation, aggregate: Aggregate) -> Parked | None:
        """How and why it waits, with its facts; None where it does not."""
        found = self.store.rows(ONE, *_owner(generation, aggregate))
        if not found:
            return None
        facts = {(sequence, idx): event for *_, sequence, idx, event in found if event is not None}
        return _parked(generation, aggregate, *found[0][:5])._replace(facts=facts)

    async def waits(self, generation: Generation, aggregate: Aggregate) -> bool:
        """Whether it is parked."""
        return self.store.row(IS_PARKED, *_owner(generation, aggregate)) is not None

    async def park(self, generation: Generation, parked: Parked) -> None:
        """Park it, or raise the `high` of one that is, and keep its facts beside those there."""
        owner = _owner(generation, parked.aggregate)
        self.store.write(lambda db: _park(db, owner, parked), durable=False)

    async def tried(
        self, generation: Generation, aggregate: Aggregate, why: str, poison: bool
    ) -> None:
        """A repair came to nothing, for this reason: it is poison if this is, whatever it was."""
        said = (why, poison, *_owner(generation, aggregate))
        self.store.write(lambda db: db.execute(TRIED, said), durable=False)

    async def unpark(
        self, generation: Generation, aggregate: Aggregate, reached: int, applied: Position
    ) -> bool:
        """IF `high` and every fact it keeps are reached; False: more was parked meanwhile."""
        owner = _owner(generation, aggregate)
        return self.store.write(lambda db: _free(db, owner, reached, applied), durable=False)

    async def waiting(self, generation: Generation, after: str, limit: int) -> tuple[Parked, ...]:
        """In the order of tenants and ids, from the one after `tenant/id`; facts are left out."""
        tenant, _, id = after.partition("/")
        found = self.store.rows(SOME, generation.number, tenant, id, limit)
        domain = domain_of(generation)
        return tuple(
            _parked(generation, Aggregate(tenant, domain, id), *said) for tenant, id, *said in found
        )

    async def count(self, generation: Generation) -> int:
        """How many wait: as long as there are any, nobody should promote it."""
        return int(self.store.row(COUNT, generation.number)[0])

    async def quarantine(self, record: Quarantined) -> None:
        """Keep the bytes, once for each shard and sequence."""
        self.store.write(lambda db: db.execute(QUARANTINE, record), durable=False)

    async def quarantined(self, after: int, limit: int) -> tuple[Quarantined, ...]:
        """In the order of sequences."""
        return tuple(map(Quarantined._make, self.store.rows(QUARANTINED, after, limit)))


def _owner(generation: Generation, aggregate: Aggregate) -> Owner:
    return generation.number, aggregate.tenant, aggregate.id


def _park(db: sqlite3.Connection, owner: Owner, parked: Parked) -> None:
    said = (parked.high, parked.why, parked.poison, parked.since, parked.tries)
    db.execute(PARK, (*owner, *said))
    db.executemany(KEEP, [(*owner, *at, event) for at, event in parked.facts.items()])


def _free(db: sqlite3.Connection, owner: Owner, reached: int, applied: Position) -> bool:
    """Free already is free as well: whoever asks twice hears the same."""
    db.execute(FREE, (*owner, reached, *applied))
    if db.execute(IS_PARKED, owner).fetchone() is not None:
        return False
    db.execute(LET_GO, owner)
    return True


def _parked(
    generation: Generation,
    aggregate: Aggregate,
    high: int,
    why: str,
    poison: int,
    since: int,
    tries: int,
) -> Parked:
    sink, number = generation.sink, generation.number
    return Parked(sink, number, aggregate, high, why, bool(poison), since, tries)
