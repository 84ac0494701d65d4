"""One change, written: everything that follows from a run of events, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from local.intents import intend
from local.timers import wind
from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Entry, Generation
from mainstem.ports.rows import NOWHERE

Owner = tuple[int, str, str]  # generation, tenant, id
Scalar = str | int | float | bytes
NO_ORDER = b""  # no stored value is bytes, so an index without order has one place for all rows

START = """INSERT INTO heads (version, sequence, idx, cells, generation, tenant, id)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, sequence = excluded.sequence,
        idx = excluded.idx, cells = excluded.cells
    WHERE heads.version = 0 AND heads.sequence = 0 AND heads.idx = 0"""
ADVANCE = """UPDATE heads SET version = ?, sequence = ?, idx = ?,
        cells = CASE WHEN ? THEN ? ELSE cells END
    WHERE generation = ? AND tenant = ? AND id = ? AND version = ? AND sequence = ? AND idx = ?"""
PUT_ROW = """INSERT INTO rows (generation, tenant, id, key, cells) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET cells = excluded.cells"""
DROP_ROW = "DELETE FROM rows WHERE generation = ? AND tenant = ? AND id = ? AND key = ?"
LIST = """INSERT OR IGNORE INTO entries
    (generation, tenant, id, "index", "values", "order", key) VALUES (?, ?, ?, ?, ?, ?, ?)"""
UNLIST = """DELETE FROM entries WHERE generation = ? AND tenant = ? AND id = ?
    AND "index" = ? AND "values" = ? AND "order" = ? AND key = ?"""
HEAR = "INSERT INTO changes (generation, tenant, id, version, key) VALUES (?, ?, ?, ?, ?)"


def written(
    db: sqlite3.Connection, generation: Generation, aggregate: Aggregate, change: Change
) -> bool:
    """In the transaction at hand; False, with nothing written, where the row is not as read."""
    owner = (generation.number, aggregate.tenant, aggregate.id)
    if not _advanced(db, owner, change):
        return False
    for key, cells in change.rows.items():
        if key:
            _put(db, owner, key, cells)
    if change.unlisted:
        db.executemany(UNLIST, _entries(owner, change.unlisted))
    if change.listed:
        db.executemany(LIST, _entries(owner, change.listed))
    if change.timers:
        wind(db, owner, change.timers)
    if change.intents:
        intend(db, change.intents)
    if change.searched:
        db.executemany(HEAR, [(*owner, change.version, key) for key in change.rows])
    return True


def _advanced(db: sqlite3.Connection, owner: Owner, change: Change) -> bool:
    read, reached = change.read, (change.version, *change.applied)
    cells = change.rows.get("")
    if read.version == 0 and read.applied == NOWHERE:
        return db.execute(START, (*reached, cells, *owner)).rowcount == 1
    there = (read.version, *read.applied)
    return db.execute(ADVANCE, (*reached, "" in change.rows, cells, *owner, *there)).rowcount == 1


def _put(db: sqlite3.Connection, owner: Owner, key: str, cells: bytes | None) -> None:
    if cells is None:
        db.execute(DROP_ROW, (*owner, key))
    else:
        db.execute(PUT_ROW, (*owner, key, cells))


def _entries(owner: Owner, entries: Iterable[Entry]) -> list[tuple[Scalar, ...]]:
    return [(*owner, index, values, ranked(order), key) for index, values, order, key in entries]


def ranked(order: str | int | float | None) -> Scalar:
    """An order as it is stored: NULL would be equal to nothing, not even to itself."""
    return NO_ORDER if order is None else order
