"""Timers: when the clock asks a command, written with the row that says so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from local.generations import domain_of
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Timer

WIND = """INSERT INTO timers (generation, tenant, id, command, due) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET due = excluded.due"""
STOP = "DELETE FROM timers WHERE generation = ? AND tenant = ? AND id = ? AND command = ?"
DUE = """SELECT due, tenant, id, command FROM timers
    WHERE generation = ? AND due <= ? AND (due, tenant, id, command) > (?, ?, ?, ?)
    ORDER BY due, tenant, id, command LIMIT ?"""
EARLIEST = (-(2**63), "", "", "")


class Due(NamedTuple):
    """A command whose time has come."""

    at: int
    aggregate: Aggregate
    command: str


class Timers:
    """Those that are due, the oldest first."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def due(
        self, generation: Generation, now: int, after: Due | None, limit: int
    ) -> tuple[Due, ...]:
        """Each stays until its row says otherwise: `after` goes on behind those."""
        place = EARLIEST if after is None else _place(after)
        found = self.store.rows(DUE, generation.number, now, *place, limit)
        domain = domain_of(generation)
        return tuple(
            Due(at, Aggregate(tenant, domain, id), command) for at, tenant, id, command in found
        )


def wind(db: sqlite3.Connection, owner: tuple[int, str, str], timers: Iterable[Timer]) -> None:
    """Sets timers, and stops those whose time is None."""
    for timer in timers:
        if timer.due is None:
            db.execute(STOP, (*owner, timer.command))
        else:
            db.execute(WIND, (*owner, *timer))


def _place(due: Due) -> tuple[int, str, str, str]:
    return due.at, due.aggregate.tenant, due.aggregate.id, due.command
