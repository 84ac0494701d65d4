"""SQLite behind the ports: the adapters of one machine, for lives that the simulator decides."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from local.change import NO_ORDER
from local.feed import Feed
from local.feed_schema import HASHES, NO_NUMBERS
from local.feed_shards import ADD
from local.finding import DOCUMENT_BITS
from local.folder import Folder, opened
from local.generations import Generations, domain_of
from local.intents import Intents
from local.journal import Journal
from local.parks import Parks
from local.posting import Posting
from local.rows import Rows
from local.search import Search
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.ports import (
    Acknowledged,
    Bundle,
    Clock,
    Document,
    Entry,
    Generation,
    Intent,
    Parked,
    Quarantined,
)  # fmt: skip
from mainstem.protocol.drive import drive
from mainstem.sim.chance import Chance
from mainstem.sim.world import SHARDS, World

EVERY = 10_000
MEMORY = Path("/dev/shm")  # a life syncs hundreds of times, and nobody pulls the plug here

TABLES = """SELECT name FROM pragma_table_list
    WHERE schema = 'main' AND type IN ('table', 'virtual') AND name <> 'sqlite_schema'"""
VERSIONS = "SELECT tenant, id, version FROM heads WHERE generation = ?"
CELLS = """SELECT '', cells FROM heads
    WHERE generation = ?1 AND tenant = ?2 AND id = ?3 AND cells IS NOT NULL
    UNION ALL SELECT key, cells FROM rows WHERE generation = ?1 AND tenant = ?2 AND id = ?3"""
ENTRIES = """SELECT tenant, id, "index", "values", "order", key FROM entries WHERE generation = ?"""
DOCUMENTS = f"""SELECT d.tenant, d.id, d.key, d.version, s.mark, w.text FROM documents d
    LEFT JOIN scopes s ON s.generation = d.generation AND s.tenant = d.tenant
    LEFT JOIN words w ON w.rowid = (s.number << {DOCUMENT_BITS} | d.number)
    WHERE d.generation = ? ORDER BY d.tenant, d.id, d.key"""


class Told:
    """The Clock port of a store that asks somebody else for the time."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now

    async def now(self) -> int:
        """Theirs."""
        return self._now()

    async def sleep(self, seconds: float) -> None:
        """No store does."""
        raise AssertionError("a store sleeps")


class Reopened(Feed):
    """The feed of a process that ends now and then: the next one gives numbers from higher up.

    Until that has put something it posts nothing, so what is committed waits to be published.
    """

    def __init__(self, store: Store, clock: Clock, chance: Chance) -> None:
        super().__init__(store, clock)
        self._chance = chance

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """As ever."""
        self._perhaps_anew()
        return await super().put(bundles)

    def post(self, db: sqlite3.Connection, bundle: Bundle, at: int) -> bool:
        """As ever."""
        self._perhaps_anew()
        return super().post(db, bundle, at)

    def _perhaps_anew(self) -> None:
        if self._chance.happens("feed opened anew"):
            Feed.__init__(self, self._store, self._clock)


class SqliteBehind:
    """All stores of one life, in a folder that is emptied for it."""

    def __init__(self, folder: Folder, feed: Feed, journal: Journal) -> None:
        self.feed, self.journal = feed, journal
        self._views, self._words = folder.views, folder.search
        self.parks, self.effects = Parks(self._views), Intents(self._views)

    def ports(self) -> Mapping[str, Any]:
        """Every store by the name of its port."""
        return {
            "journal": self.journal,
            "feed": self.feed,
            "rows": Rows(self._views),
            "parks": self.parks,
            "generations": Generations(self._views),
            "intents": self.effects,
            "search": Search(self._words),
        }

    def versions(self, generation: Generation) -> Mapping[Aggregate, int]:
        """How far each aggregate's rows have come."""
        domain, found = domain_of(generation), self._views.rows(VERSIONS, generation.number)
        return {Aggregate(tenant, domain, id): version for tenant, id, version in found}

    def cells(self, generation: Generation, aggregate: Aggregate) -> Mapping[str, bytes]:
        """Its rows, by key."""
        tenant, _, id = aggregate
        return dict(self._views.rows(CELLS, generation.number, tenant, id))

    def parked(self, generation: Generation) -> Mapping[Aggregate, Parked]:
        """Who waits, without the facts they keep."""
        found = drive(self.parks.waiting(generation, "", EVERY))
        return {one.aggregate: one for one in found}

    def quarantined(self) -> tuple[Quarantined, ...]:
        """The sequences of what nobody could read."""
        return drive(self.parks.quarantined(0, EVERY))

    def intents(self) -> list[Intent]:
        """What is due."""
        return [intent for _, intent in drive(self.effects.waiting(0, EVERY))]

    def entries(self, generation: Generation) -> frozenset[tuple[Aggregate, Entry]]:
        """Who stands where in which list."""
        domain, found = domain_of(generation), self._views.rows(ENTRIES, generation.number)
        return frozenset(
            (Aggregate(tenant, domain, id), Entry(name, said, _order(order), key))
            for tenant, id, name, said, order, key in found
        )

    def documents(self, generation: Generation) -> tuple[Document, ...]:
        """What search knows. No words at all are a tombstone's."""
        found: dict[tuple[str, str, str, int], dict[str, str]] = {}
        for *said, mark, text in self._words.rows(DOCUMENTS, generation.number):
            tenant, id, key, version = said
            words = found.setdefault((tenant, id, key, version), {})
            if text is not None:
                words[mark] = text
        return tuple(Document(*said, words or None) for said, words in found.items())

    @property
    def in_order(self) -> bool:
        """One file after the other: always."""
        return True


def _order(stored: Any) -> Any:
    return None if stored == NO_ORDER else stored


def on(folder: Folder, *, posting: bool = False) -> Callable[[World], SqliteBehind]:
    """What a life is handed. `posting`: commands are asked as one machine does it."""

    def behind(world: World) -> SqliteBehind:
        empty(folder, shards=world.random.choice(SHARDS))  # drawn as for the stores in memory
        feed = Reopened(folder.journal, Told(lambda: world.scheduler.now), world.faults)
        journal = Posting(folder.journal, feed) if posting else Journal(folder.journal)
        return SqliteBehind(folder, feed, journal)

    return behind


@contextmanager
def folder() -> Iterator[Folder]:
    """One of its own for a while: one life after the other uses it."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as place:
        made = opened(Path(place) / "mainstem")
        try:
            yield made
        finally:
            made.close()


def empty(folder: Folder, shards: int) -> None:
    """As new files are, but with so many shards."""
    for store in (folder.journal, folder.views, folder.search):
        store.write(_empty, durable=False)
    bounds = [HASHES * n // shards for n in range(shards + 1)]
    ranges = [(low, end - 1, "[]") for low, end in pairwise(bounds)]
    folder.journal.write(lambda db: db.execute(NO_NUMBERS), durable=False)
    folder.journal.write(lambda db: db.executemany(ADD, ranges), durable=False)


def _empty(db: sqlite3.Connection) -> None:
    """What numbers were given is forgotten as well: sqlite_sequence is a table."""
    for (table,) in db.execute(TABLES).fetchall():
        db.execute(f'DELETE FROM "{table}"')
