"""Search on SQLite: documents and the words they are found by."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence

from local import finding
from local.store import Store
from local.sweeping import PAUSE_SECONDS
from mainstem.ports import Document, Generation, Hit

DOCUMENTS_PER_STEP_MAX = 500

PUT = """INSERT INTO documents (generation, tenant, id, key, version) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version WHERE excluded.version > version
    RETURNING number"""
SCOPES = "SELECT mark, number FROM scopes WHERE generation = ? AND tenant = ?"
OPEN_SCOPE = "INSERT INTO scopes (generation, tenant, mark) VALUES (?, ?, ?) RETURNING number"
INDEX = "INSERT INTO words (rowid, text) VALUES (?, ?)"
UNINDEX = "DELETE FROM words WHERE rowid = ?"
SOME = "SELECT number, tenant FROM documents WHERE generation = ? LIMIT ?"
REMOVE = "DELETE FROM documents WHERE number = ?"
CLOSE_SCOPES = "DELETE FROM scopes WHERE generation = ?"


class Search:
    """Whatever rows say in words, in a file of its own."""

    def __init__(self, store: Store) -> None:
        self.store = store

    async def put(self, generation: Generation, documents: Sequence[Document]) -> None:
        """Index them, each IF its version is higher than the one there.

        On the disk before it is told: the change stream, in another file, forgets what was put.
        """
        self.store.write(lambda db: _Indexing(db, generation.number).put(documents))

    async def find(
        self, generation: Generation, tenant: str, mark: str, words: str, after: str, limit: int
    ) -> tuple[Hit, ...]:
        """Documents with all of these words, best first; the last word may be only begun."""
        return finding.found(self.store, generation, (tenant, mark), words, after, limit)

    async def forget(self, generation: Generation) -> None:
        """Everything of a generation that is gone; ended in between, the next time goes on."""
        while self.store.write(
            lambda db: _Indexing(db, generation.number).forget_some(), durable=False
        ):
            time.sleep(PAUSE_SECONDS)


class _Indexing:
    """One transaction's work on the documents of one generation."""

    def __init__(self, db: sqlite3.Connection, generation: int) -> None:
        self.db, self.generation = db, generation
        self.scopes: dict[str, dict[str, int]] = {}

    def put(self, documents: Sequence[Document]) -> None:
        for one in documents:
            said = (self.generation, one.tenant, one.id, one.key, one.version)
            for (number,) in self.db.execute(PUT, said).fetchall():
                self._take_out(one.tenant, number)
                for mark, text in (one.words or {}).items():
                    scope = self._scope(one.tenant, mark)
                    self.db.execute(INDEX, (finding.place_of(scope, number), text))

    def forget_some(self) -> bool:
        """Whether there is more to forget."""
        some = self.db.execute(SOME, (self.generation, DOCUMENTS_PER_STEP_MAX)).fetchall()
        for number, tenant in some:
            self._take_out(tenant, number)
            self.db.execute(REMOVE, (number,))
        if not some:
            self.db.execute(CLOSE_SCOPES, (self.generation,))
        return bool(some)

    def _take_out(self, tenant: str, number: int) -> None:
        """Its words under every mark, whichever it had."""
        for scope in self._of(tenant).values():
            self.db.execute(UNINDEX, (finding.place_of(scope, number),))

    def _scope(self, tenant: str, mark: str) -> int:
        scopes = self._of(tenant)
        if mark not in scopes:
            opened = self.db.execute(OPEN_SCOPE, (self.generation, tenant, mark)).fetchall()
            scopes[mark] = opened[0][0]
        return scopes[mark]

    def _of(self, tenant: str) -> dict[str, int]:
        if tenant not in self.scopes:
            found = self.db.execute(SCOPES, (self.generation, tenant))
            self.scopes[tenant] = dict(found.fetchall())
        return self.scopes[tenant]
