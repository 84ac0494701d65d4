"""Sweeping: what was written for generations that are gone, a little at a time."""

from __future__ import annotations

import sqlite3
import time

from local.line import Job
from local.store import Store

ROWS_PER_SWEEP_MAX = 500
PAUSE_SECONDS = 0.01  # whoever else wants to write has a turn in between
# How each table's rows of a generation are sorted.
SWEPT = {
    "heads": ("tenant", "id"),
    "rows": ("tenant", "id", "key"),
    "entries": ("tenant", '"index"', '"values"', '"order"', "id", "key"),
    "changes": ("place",),
    "lanes": ("lane",),
    "timers": ("tenant", "id", "command"),
    "parked": ("tenant", "id"),
    "facts": ("tenant", "id", "sequence", "idx"),
    "notes": ("name",),
    "positions": ("shard",),
}
# From one generation's first row to the next one's: as many steps as there are generations. Each is
# known before anything is written for it, and its number is never given again.
ORPHANS = """WITH RECURSIVE found (n) AS (
        SELECT min(generation) FROM {table}
        UNION ALL
        SELECT (SELECT min(generation) FROM {table} WHERE generation > n) FROM found
        WHERE n IS NOT NULL)
    SELECT n FROM found WHERE n NOT IN (SELECT number FROM generations)"""
LAST = "SELECT {key} FROM {table} WHERE generation = ? ORDER BY {key} LIMIT 1 OFFSET ?"
UPTO = "DELETE FROM {table} WHERE generation = ? AND ({key}) <= ({values})"
REST = "DELETE FROM {table} WHERE generation = ?"


def sweep(store: Store) -> None:
    """Deletes it all; where this is ended in between, the next time goes on."""
    for table, key in SWEPT.items():
        for (number,) in store.rows(ORPHANS.format(table=table)):
            step = _step(table, key, number)
            while store.write(step, durable=False):
                time.sleep(PAUSE_SECONDS)


def _step(table: str, key: tuple[str, ...], number: int) -> Job[bool]:
    """Takes away one range of the table's own order, and says whether there is more."""
    names = {"table": table, "key": ", ".join(key), "values": ", ".join("?" for _ in key)}

    def step(db: sqlite3.Connection) -> bool:
        last = db.execute(LAST.format(**names), (number, ROWS_PER_SWEEP_MAX - 1)).fetchone()
        if last is None:
            db.execute(REST.format(**names), (number,))
        else:
            db.execute(UPTO.format(**names), (number, *last))
        return last is not None

    return step
