"""The journal in a file: records in the order of their commits, found by aggregate and command."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from local.store import Store
from local.trouble import COPY
from mainstem.aggregate import Aggregate
from mainstem.ports import (
    Claim,
    Claims,
    Corrupt,
    Hint,
    Kept,
    Loaded,
    Once,
    Record,
    Snapshot,
    Touched,
    Verdict,
)
from mainstem.ports.journal import SLOTS, slot_of

UNPUBLISHED_COUNTED_MAX = 1_000

HEAD = "SELECT max(last) FROM records WHERE tenant = ? AND domain = ? AND id = ?"
OF_ONE = """
SELECT first, last, published, at, command, checksum, answer, events FROM records
WHERE tenant = ? AND domain = ? AND id = ?
"""
AFTER = f"{OF_ONE} AND last > ? ORDER BY last LIMIT ?"
NEWEST = f"{OF_ONE} ORDER BY last DESC"
OF_COMMAND = f"{OF_ONE} AND command = ?"
UNPUBLISHED = """
SELECT count(*) FROM (
    SELECT 1 FROM records
    WHERE published = 0 AND slot = ? AND tenant = ? AND domain = ? AND id = ? LIMIT ?
)
"""
ADD = """
INSERT INTO records
    (tenant, domain, id, first, last, slot, published, at, command, checksum, answer, events)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
MARK = """
UPDATE records SET published = 1
WHERE published = 0 AND slot = ? AND tenant = ? AND domain = ? AND id = ? AND first = ?
"""
HINTED = """
SELECT tenant, domain, id, first FROM records
WHERE published = 0 AND slot = ?1 AND (at < ?2 OR at > ?2 + 86400000000) ORDER BY at LIMIT ?3
"""
# An aggregate stands where its latest commit does; those before it are passed over.
TOUCHED = """
SELECT tenant, domain, id, last, at, place FROM records AS one
WHERE place > ? AND last = (
    SELECT max(last) FROM records
    WHERE tenant = one.tenant AND domain = one.domain AND id = one.id
)
ORDER BY place LIMIT ?
"""
END = "SELECT coalesce(max(place), 0) FROM records"
AGGREGATES = """
SELECT count(*) FROM (SELECT DISTINCT tenant, id FROM records WHERE domain = ?)
"""

HOLDER = "SELECT id FROM claims WHERE tenant = ? AND domain = ? AND mark = ? AND value = ?"
MINE = """
SELECT mark, value FROM claims WHERE tenant = ? AND domain = ? AND id = ? AND mark GLOB ?
"""
TAKE = "INSERT OR IGNORE INTO claims (tenant, domain, id, mark, value) VALUES (?, ?, ?, ?, ?)"
LET_GO = """
DELETE FROM claims WHERE tenant = ? AND domain = ? AND id = ? AND mark = ? AND value = ?
"""

USED = "SELECT 1 FROM once WHERE tenant = ? AND key = ?"
USE = "INSERT INTO once (tenant, key, digest, place) VALUES (?, ?, ?, ?)"
KEPT = """
SELECT once.digest, records.tenant, domain, id,
    first, last, published, at, command, checksum, answer, events
FROM once JOIN records ON records.place = once.place
WHERE once.tenant = ? AND once.key = ?
"""

SNAPSHOTS = """
SELECT state, version, fingerprint, cells FROM snapshots WHERE tenant = ? AND domain = ? AND id = ?
"""
KEEP = """
INSERT INTO snapshots (tenant, domain, id, state, version, fingerprint, cells)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE
SET version = excluded.version, fingerprint = excluded.fingerprint, cells = excluded.cells
WHERE excluded.version > version
    OR (excluded.version = version AND excluded.fingerprint <> fingerprint)
"""
FORGET = """
DELETE FROM snapshots WHERE tenant = ? AND domain = ? AND id = ? AND state = ?
    AND version = ? AND fingerprint = ? AND cells = ?
"""

Row = tuple[Any, ...]


class Journal:
    """The Journal port over a Store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, aggregate: Aggregate, command: str, states: Mapping[str, str]) -> Loaded:
        """Snapshots, tail and answer as they were at one moment."""
        return self._store.look(lambda db: _loaded(db, aggregate, command, states))

    async def kept(self, once: Once) -> Kept | None:
        """What was answered to the request with this key."""
        row = self._store.row(KEPT, once.tenant, once.key)
        return row and Kept(row[0], _record(Aggregate(*row[1:4]), row[4:]))

    async def commit(self, record: Record, claims: Claims, once: Once | None) -> Verdict:
        """Write it IF its first version is the one that follows, and it has reached the disk."""
        return self._store.write(lambda db: committed(db, record, claims, once))

    async def keep(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """The newest snapshot of a state stays. Losing one costs time, so nobody waits for it."""
        values = (*aggregate, state, *snapshot)
        self._store.write(lambda db: db.execute(KEEP, values), durable=False)

    async def forget(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """Exactly this one is gone; it is a cache, so nobody waits for the disk."""
        values = (*aggregate, state, *snapshot)
        self._store.write(lambda db: db.execute(FORGET, values), durable=False)

    async def records(self, aggregate: Aggregate, after: int, limit: int) -> tuple[Record, ...]:
        """Its records from the one that follows version `after`, in order."""
        assert limit > 0
        found = self._store.rows(AFTER, *aggregate, after, limit)
        return tuple([_record(aggregate, row) for row in found])

    async def unpublished(self, aggregate: Aggregate) -> tuple[Record, ...]:
        """Its newest records back to the last published one, in order."""
        return self._store.look(lambda db: _unpublished(db, aggregate))

    async def mark(self, aggregate: Aggregate, firsts: tuple[int, ...]) -> None:
        """Exactly these records are published.

        Nobody waits for the disk: it keeps writes in order, so whenever the mark is there, what was
        put before it is there as well.
        """
        values = [(slot_of(aggregate), *aggregate, first) for first in firsts]
        self._store.write(lambda db: db.executemany(MARK, values), durable=False)

    async def hints(self, slot: int, before: int, limit: int) -> tuple[Hint, ...]:
        """Unpublished records of this slot that were committed before this time, oldest first."""
        assert 0 <= slot < SLOTS
        assert limit > 0
        found = self._store.rows(HINTED, slot, before, limit)
        return tuple(Hint(Aggregate(*identity), first) for *identity, first in found)

    async def touched(self, after: str, limit: int) -> tuple[Touched, ...]:
        """Aggregates whose latest commits came after this place, each once, with its version."""
        assert limit > 0
        found = self._store.rows(TOUCHED, int(after or 0), limit)
        return tuple(
            Touched(Aggregate(*identity), version, at, str(place), str(place - 1))
            for *identity, version, at, place in found
        )

    async def claim(
        self, aggregate: Aggregate, version: int, state: str, claims: frozenset[Claim]
    ) -> Mapping[Claim, str] | None:
        """Those that are not granted, and who holds them; the others have reached the disk."""
        return self._store.write(lambda db: _claim(db, aggregate, version, state, claims))

    def end(self) -> int:
        """The place of the latest commit; 0 where there is none."""
        place: int = self._store.row(END)[0]
        return place

    def aggregates(self, domain: str) -> int:
        """How many a domain has, of all tenants."""
        count: int = self._store.row(AGGREGATES, domain)[0]
        return count


def _loaded(
    db: sqlite3.Connection, aggregate: Aggregate, command: str, states: Mapping[str, str]
) -> Loaded:
    snapshots = {
        state: Snapshot(*snapshot)
        for state, *snapshot in db.execute(SNAPSHOTS, aggregate)
        if states.get(state) == snapshot[1]
    }
    complete = len(snapshots) == len(states)
    oldest = min((one.version for one in snapshots.values()), default=0) if complete else 0
    found = db.execute(AFTER, (*aggregate, oldest, -1)).fetchall()
    tail = tuple([_record(aggregate, row) for row in found])
    if oldest == 0:  # the tail is all there is
        mine = next((one for one in tail if one.command == command), None)
        return Loaded(snapshots, tail, mine, sum(not one.published for one in tail))
    answered = db.execute(OF_COMMAND, (*aggregate, command)).fetchone()
    counted = (slot_of(aggregate), *aggregate, UNPUBLISHED_COUNTED_MAX)
    (unpublished,) = db.execute(UNPUBLISHED, counted).fetchone()
    return Loaded(snapshots, tail, answered and _record(aggregate, answered), unpublished)


def committed(
    db: sqlite3.Connection,
    record: Record,
    claims: Claims,
    once: Once | None,
    *,
    published: bool = False,
) -> Verdict:
    """In the transaction at hand. Looks first, writes after: nothing has to be taken back."""
    aggregate = record.aggregate
    if _head(db, aggregate) != record.first - 1:
        return Verdict.LOST
    if once is not None and db.execute(USED, (once.tenant, once.key)).fetchone():
        return Verdict.LOST
    if claims.taken and _refused(db, aggregate, claims.taken):
        return Verdict.TAKEN
    try:
        place = db.execute(ADD, _row(record, published)).lastrowid
    except sqlite3.IntegrityError:  # this command was decided before
        return Verdict.LOST
    if once is not None:
        db.execute(USE, (*once, place))
    if claims.released:
        db.executemany(LET_GO, [(*aggregate, *claim) for claim in claims.released])
    if claims.taken:
        db.executemany(TAKE, [(*aggregate, *claim) for claim in claims.taken])
    return Verdict.COMMITTED


def _head(db: sqlite3.Connection, aggregate: Aggregate) -> int:
    (last,) = db.execute(HEAD, aggregate).fetchone()
    return last or 0


def _refused(
    db: sqlite3.Connection, aggregate: Aggregate, claims: frozenset[Claim]
) -> Mapping[Claim, str]:
    tenant, domain, id = aggregate
    found = ((claim, db.execute(HOLDER, (tenant, domain, *claim)).fetchone()) for claim in claims)
    return {claim: one[0] for claim, one in found if one is not None and one[0] != id}


def _claim(
    db: sqlite3.Connection,
    aggregate: Aggregate,
    version: int,
    state: str,
    claims: frozenset[Claim],
) -> Mapping[Claim, str] | None:
    if _head(db, aggregate) != version:
        return None
    mine = {Claim(*one) for one in db.execute(MINE, (*aggregate, f"{state}.*"))}
    db.executemany(LET_GO, [(*aggregate, *claim) for claim in mine - claims])
    refused = _refused(db, aggregate, claims)
    db.executemany(TAKE, [(*aggregate, *claim) for claim in claims - refused.keys()])
    return refused


def _unpublished(db: sqlite3.Connection, aggregate: Aggregate) -> tuple[Record, ...]:
    found: list[Record] = []
    for row in db.execute(NEWEST, aggregate):
        record = _record(aggregate, row)
        if record.published:
            break
        found.append(record)
    return tuple(reversed(found))


def _row(record: Record, published: bool) -> Row:
    events = b"\n".join(record.events)
    assert record.events, "a record without events"
    assert events.count(b"\n") == len(record.events) - 1, "an event is one line"
    return (
        *record.aggregate, record.first, record.last, slot_of(record.aggregate), published,
        record.at, record.command, crc32(events, crc32(record.answer)), record.answer, events,
    )  # fmt: skip


def _record(aggregate: Aggregate, row: Row) -> Record:
    first, last, published, at, command, checksum, answer, raw = row
    events = tuple(raw.split(b"\n"))
    if checksum != crc32(raw, crc32(answer)) or len(events) != last - first + 1:
        raise Corrupt(f"{aggregate}: version {first} is damaged; {COPY}")
    return Record(aggregate, first, events, command, at, answer, bool(published))
