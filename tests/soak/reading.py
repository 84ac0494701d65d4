"""Reading a folder for the checker: SQL and JSON, and nothing of Mainstem's."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from tests.soak.found import DOCUMENT_BITS, Bundle, Cells, Event, Found, Head, Lane, Record, Sink

DIGEST_BYTES = 8
SAID = ("domain", "id", "version", "type", "at", "by", "data")
RECORDS = """
SELECT place, tenant, domain, id, first, last, published, command, events FROM records
ORDER BY place
"""
ONCE = "SELECT key, place FROM once"
CLAIMS = "SELECT domain || '.' || mark, value, id FROM claims"
BUNDLES = "SELECT sequence, shard, at, key, data FROM bundles ORDER BY sequence"
CURRENT = "SELECT sink, number FROM generations WHERE stage = 'current'"
HEADS = "SELECT id, version, sequence, idx, cells FROM heads WHERE generation = ?"
ROWS = "SELECT id, key, cells FROM rows WHERE generation = ?"
ENTRIES = 'SELECT "index", "values", "order", id, key FROM entries WHERE generation = ?'
POSITIONS = "SELECT shard, sequence FROM positions WHERE generation = ?"
LANES = "SELECT lane, sequence, bundles, total FROM lanes WHERE generation = ?"
INTENTS = "SELECT domain, id, version, reaction, n, effect FROM intents ORDER BY place"
SINCE = "SELECT name, since FROM reactions"
WAITING = ("parked", "facts", "quarantined", "changes")
DOCUMENTS = "SELECT id, key, number FROM documents WHERE generation = ?"
SCOPE = "SELECT number FROM scopes WHERE generation = ?"
WORDS = "SELECT text FROM words WHERE rowid = ?"


@contextmanager
def found_in(folder: Path) -> Iterator[Found]:
    """What is there, while nobody is at work on it."""
    with (
        _opened(folder / "journal.db") as journal,
        _opened(folder / "views.db") as views,
        _opened(folder / "search.db") as search,
    ):
        yield Found(
            records=[_record(*row) for row in journal.execute(RECORDS)],
            once=dict(journal.execute(ONCE)),
            claims={(mark, value): id for mark, value, id in journal.execute(CLAIMS)},
            bundles=[_bundle(*row) for row in journal.execute(BUNDLES)],
            sinks={
                name: _sink(name, number, views, search) for name, number in views.execute(CURRENT)
            },
            intents=[(*key, json.loads(effect)) for *key, effect in views.execute(INTENTS)],
            since=dict(views.execute(SINCE)),
            waiting={what: _count(views, what) for what in WAITING},
            search=search,
        )


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as opened:
        opened.execute("PRAGMA query_only = ON")
        yield opened


def _record(
    place: int, tenant: str, domain: str, id: str, first: int, last: int, published: int,
    command: str, events: bytes,
) -> Record:  # fmt: skip
    assert tenant == "main", f"{tenant}: the load is of one tenant"
    found = tuple(_event(line) for line in events.split(b"\n"))
    return Record(place, domain, id, first, last, bool(published), command, found)


def _event(line: bytes) -> Event:
    said = json.loads(line)
    domain, id, version, type, at, by, data = map(said.__getitem__, SAID)
    return Event(domain, id, version, type, at, by, data, line)


def _bundle(sequence: int, shard: int, at: int, key: str, data: bytes) -> Bundle:
    head, _, body = data.partition(b"\n")
    said, lines = json.loads(head), body.split(b"\n")
    digest = blake2b(body, digest_size=DIGEST_BYTES).hexdigest()
    whole = said["count"] == len(lines) and said["digest"] == digest
    events = tuple(_event(line) for line in lines)
    producer, n = said.get("producer", ""), said.get("n", 0)
    return Bundle(sequence, shard, at, key, producer, n, events, whole)


def _sink(name: str, number: int, views: sqlite3.Connection, search: sqlite3.Connection) -> Sink:
    def asked(sql: str) -> list[Any]:
        return views.execute(sql, (number,)).fetchall()

    return Sink(
        name=name,
        number=number,
        heads={id: _head(*rest) for id, *rest in asked(HEADS)},
        rows={(id, key): json.loads(cells) for id, key, cells in asked(ROWS)},
        entries=frozenset(asked(ENTRIES)),
        positions=dict(asked(POSITIONS)),
        lanes={lane: Lane(*rest) for lane, *rest in asked(LANES)},
        documents=_documents(search, number),
    )


def _head(version: int, sequence: int, index: int, cells: bytes | None) -> Head:
    read: Cells | None = None if cells is None else json.loads(cells)
    return Head(version, (sequence, index), read)


def _documents(search: sqlite3.Connection, number: int) -> dict[tuple[str, str], str]:
    """Every document's words; None stands for those that the index lost."""
    found = {}
    scope = search.execute(SCOPE, (number,)).fetchone()
    for id, key, document in search.execute(DOCUMENTS, (number,)).fetchall():
        place = scope[0] << DOCUMENT_BITS | document if scope else -1
        text = search.execute(WORDS, (place,)).fetchone()
        if text is not None:
            found[id, key] = text[0]
    return found


def _count(views: sqlite3.Connection, table: str) -> int:
    (count,) = views.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
