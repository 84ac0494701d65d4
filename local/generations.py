"""Generations on SQLite: builds of a view, and which of them is current."""

from __future__ import annotations

import sqlite3
from typing import Any

from local.store import Store
from local.sweeping import sweep
from mainstem.ports import Generation, Stage

EVERY = "SELECT number, sink, fingerprint, stage, since FROM generations ORDER BY number"
OF = """SELECT number, sink, fingerprint, stage, since FROM generations
    WHERE sink = ? ORDER BY number"""
BUILDING = """SELECT number, sink, fingerprint, stage, since FROM generations
    WHERE sink = ? AND fingerprint = ? AND stage = 'building'"""
START = """INSERT INTO generations (sink, fingerprint, stage, since) VALUES (?, ?, 'building', ?)"""
CURRENT = "SELECT number FROM generations WHERE sink = ? AND stage = 'current'"
KNOWN = "SELECT stage FROM generations WHERE number = ?"
STAGE = "UPDATE generations SET stage = ?, since = ? WHERE number = ?"
DROP = "DELETE FROM generations WHERE number = ? AND stage <> 'current'"
NOTED = "SELECT text FROM notes WHERE generation = ? AND name = ?"
NOTE = """INSERT INTO notes (generation, name, text) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET text = excluded.text"""


class Generations:
    """One pointer a sink, switched conditionally."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def of(self, sink: str) -> tuple[Generation, ...]:
        """All there are, oldest first."""
        return tuple(_generation(found) for found in self.store.rows(OF, sink))

    def every(self) -> tuple[Generation, ...]:
        """All there are of all sinks."""
        return tuple(_generation(found) for found in self.store.rows(EVERY))

    async def start(self, sink: str, fingerprint: str, at: int) -> Generation:
        """The one being built with this fingerprint: a new one, or the one begun before.

        One that was kept has fallen behind, so it is never gone on with. On the disk before it is
        told: a number that was forgotten and given again would find another's words in search.db.
        """
        return self.store.write(lambda db: _started(db, sink, fingerprint, at))

    async def promote(self, new: Generation, instead_of: Generation | None, at: int) -> bool:
        """Make it current IF what it takes the place of still is; False: somebody else was here."""
        return self.store.write(lambda db: _promoted(db, new, instead_of, at))

    async def drop(self, generation: Generation) -> bool:
        """Forget it with all its rows, IF it is not current.

        It is gone at once, and what was written for it little by little. Where this is ended in
        between, the next drop goes on. On the disk first: one that came back would lack rows.
        """
        number = generation.number
        self.store.write(lambda db: db.execute(DROP, (number,)))
        if self.store.row(KNOWN, number) is not None:
            return False
        sweep(self.store)
        return True

    async def noted(self, generation: Generation, name: str) -> str:
        """A note about it; "" where there is none."""
        found = self.store.row(NOTED, generation.number, name)
        return "" if found is None else str(found[0])

    async def note(self, generation: Generation, name: str, text: str) -> None:
        """Write it down."""
        said = (generation.number, name, text)
        self.store.write(lambda db: db.execute(NOTE, said), durable=False)

    async def turn(self, generation: Generation, name: str, was: str, text: str) -> bool:
        """Write it down IF the note still says what it did; False: somebody else was here."""
        return self.store.write(lambda db: _turned(db, generation, name, was, text))


def domain_of(generation: Generation) -> str:
    """The domain of all aggregates in it: a sink is named after it."""
    return generation.sink.partition(".")[0]


def _started(db: sqlite3.Connection, sink: str, fingerprint: str, at: int) -> Generation:
    found = db.execute(BUILDING, (sink, fingerprint)).fetchone()
    if found is None:
        db.execute(START, (sink, fingerprint, at))
        found = db.execute(BUILDING, (sink, fingerprint)).fetchone()
    return _generation(found)


def _turned(db: sqlite3.Connection, generation: Generation, name: str, was: str, text: str) -> bool:
    found = db.execute(NOTED, (generation.number, name)).fetchone()
    if (str(found[0]) if found else "") != was:
        return False
    db.execute(NOTE, (generation.number, name, text))
    return True


def _promoted(
    db: sqlite3.Connection, new: Generation, instead_of: Generation | None, at: int
) -> bool:
    current = db.execute(CURRENT, (new.sink,)).fetchone()
    expected = None if instead_of is None else (instead_of.number,)
    if current != expected or db.execute(KNOWN, (new.number,)).fetchone() is None:
        return False
    if instead_of is not None:
        db.execute(STAGE, (Stage.KEPT, at, instead_of.number))
    db.execute(STAGE, (Stage.CURRENT, at, new.number))
    return True


def _generation(found: Any) -> Generation:
    number, sink, fingerprint, stage, since = found
    return Generation(number, sink, fingerprint, Stage(stage), since)
