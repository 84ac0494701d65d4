"""Intents: effects that are due, each written once, by whichever generation comes first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import Intent

INTEND = """INSERT OR IGNORE INTO intents
    (tenant, domain, id, version, reaction, n, effect, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
WAITING = """SELECT place, tenant, domain, id, version, reaction, n, effect, at FROM intents
    WHERE done_at IS NULL AND place > ? ORDER BY place LIMIT ?"""
DONE = "UPDATE intents SET done_at = ? WHERE place = ? AND done_at IS NULL"
FIRST_ASKED = "INSERT OR IGNORE INTO reactions (name, since) VALUES (?, ?)"
SINCE = "SELECT since FROM reactions WHERE name = ?"


class Intents:
    """What is to be done, in the order it was written."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def waiting(self, after: int, limit: int) -> tuple[tuple[int, Intent], ...]:
        """Those not done yet, each with its place."""
        found = self.store.rows(WAITING, after, limit)
        return tuple((place, _intent(*said)) for place, *said in found)

    async def done(self, place: int, at: int) -> None:
        """It happened. Its key stays for ever, so that the same effect is never due again.

        On the disk before anything else is done: a mail that was sent can't be taken back.
        """
        self.store.write(lambda db: db.execute(DONE, (at, place)))

    async def since(self, reaction: str, at: int) -> int:
        """From when on a reaction fires: the first time it was asked about, for ever.

        On the disk before it is told: a later answer would leave out what fell between the two.
        """
        found = self.store.row(SINCE, reaction)
        if found is None:
            self.store.write(lambda db: db.execute(FIRST_ASKED, (reaction, at)))
            found = self.store.row(SINCE, reaction)
        return int(found[0])


def intend(db: sqlite3.Connection, intents: Iterable[Intent]) -> None:
    """Writes them in the transaction at hand; one whose key is there is there already."""
    db.executemany(INTEND, [(*one.aggregate, *one[1:]) for one in intents])


def _intent(
    tenant: str, domain: str, id: str, version: int, reaction: str, n: int, effect: bytes, at: int
) -> Intent:
    return Intent(Aggregate(tenant, domain, id), version, reaction, n, effect, at)
