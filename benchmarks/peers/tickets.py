"""Tickets with the library `eventsourcing`: one application on SQLite, shared by all threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.sqlite import SQLiteCursor, SQLiteFactory

CACHED_MAX = "1000"


class Ticket(Aggregate):
    """What a ticket's commands decide on."""

    title: str
    author: str
    priority: str
    comments: int
    is_open: bool

    @event("Submitted")
    def __init__(self, title: str, author: str) -> None:
        self.title, self.author = title, author
        self.priority, self.comments, self.is_open = "normal", 0, True

    @event("Prioritized")
    def prioritize(self, priority: str) -> None:
        self.priority = priority

    @event("Commented")
    def comment(self, author: str, text: str) -> None:
        self.comments += 1

    @event("Closed")
    def close(self, reason: str) -> None:
        self.is_open = False


class Tickets(Application[UUID]):
    """A method a command: get, decide, save. Each save is a transaction of its own."""

    def submit(self, title: str, author: str) -> UUID:
        ticket = Ticket(title=title, author=author)
        self.save(ticket)
        id: UUID = ticket.id
        return id

    def prioritize(self, id: UUID, priority: str) -> None:
        ticket: Ticket = self.repository.get(id)
        if ticket.priority != priority:
            ticket.prioritize(priority)
        self.save(ticket)

    def comment(self, id: UUID, author: str, text: str) -> None:
        ticket: Ticket = self.repository.get(id)
        ticket.comment(author, text)
        self.save(ticket)

    def close_ticket(self, id: UUID, reason: str) -> None:
        ticket: Ticket = self.repository.get(id)
        if ticket.is_open:
            ticket.close(reason)
        self.save(ticket)

    def live(self) -> None:
        """The story of benchmarks/tickets.py."""
        id = self.submit("The printer burns again", "ann")
        self.prioritize(id, "high")
        self.comment(id, "ann", "Smoke comes out of it, and it smells")
        self.comment(id, "ann", "The new one works, thank you")
        self.close_ticket(id, "replaced")


@contextmanager
def tickets(file: Path, *, cached: bool) -> Iterator[Tickets]:
    """An application on this file; `cached`: told to keep aggregates in memory."""
    env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(file)}
    with Tickets(env={**env, "AGGREGATE_CACHE_MAXSIZE": CACHED_MAX} if cached else env) as found:
        assert _pragmas(found) == ("wal", 2), "a commit must wait for the disk: WAL, FULL"
        yield found


def _pragmas(application: Tickets) -> tuple[str, int]:
    factory = application.factory
    assert isinstance(factory, SQLiteFactory)
    with factory.datastore.transaction(commit=False) as cursor:
        return _one(cursor, "journal_mode"), _one(cursor, "synchronous")


def _one(cursor: SQLiteCursor, pragma: str) -> Any:
    cursor.execute(f"PRAGMA {pragma}")
    return cursor.fetchone()[0]
