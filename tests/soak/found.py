"""What is found in a folder: its three files as they lie there, read by nothing of Mainstem's."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

Cells = dict[str, Any]
DOCUMENT_BITS = 32  # a place in the index is a scope's number, then a document's
LOW_BITS = 2**DOCUMENT_BITS - 1
DOCUMENTS = "SELECT number, id, key FROM documents WHERE generation = ?"
SCOPES = "SELECT number FROM scopes WHERE generation = ?"
MATCH = "SELECT rowid FROM words WHERE words MATCH ?"


class Event(NamedTuple):
    """One event, and the very bytes it is made of."""

    domain: str
    id: str
    version: int
    type: str
    at: int
    by: str
    data: Mapping[str, Any]
    line: bytes


class Record(NamedTuple):
    """One commit."""

    place: int
    domain: str
    id: str
    first: int
    last: int
    published: bool
    command: str
    events: tuple[Event, ...]


class Bundle(NamedTuple):
    """One record of the feed. `whole`: it is what its header says."""

    sequence: int
    shard: int
    at: int
    key: str
    producer: str
    n: int
    events: tuple[Event, ...]
    whole: bool


class Head(NamedTuple):
    """How far an aggregate has come in a sink."""

    version: int
    applied: tuple[int, int]
    cells: Cells | None


class Lane(NamedTuple):
    """How far a lane has come in a sink."""

    sequence: int
    bundles: int
    total: int


@dataclass(frozen=True)
class Sink:
    """What the current generation of a sink holds."""

    name: str
    number: int
    heads: Mapping[str, Head]
    rows: Mapping[tuple[str, str], Cells]  # by id and key
    entries: frozenset[tuple[Any, ...]]  # index, values, order, id, key
    positions: Mapping[str, int]
    lanes: Mapping[str, Lane]
    documents: Mapping[tuple[str, str], str]  # the words of its only search mark, by id and key


@dataclass(frozen=True)
class Found:
    """All of a folder, and search.db, still open."""

    records: Sequence[Record]
    once: Mapping[str, int]  # by key: the place of its record
    claims: Mapping[tuple[str, str], str]  # by mark and value: who holds it
    bundles: Sequence[Bundle]
    sinks: Mapping[str, Sink]
    intents: Sequence[tuple[Any, ...]]  # domain, id, version, reaction, n, effect
    since: Mapping[str, int]  # from when on a reaction fires
    waiting: Mapping[str, int]  # how much is parked, quarantined, not indexed
    search: sqlite3.Connection

    def histories(self, domain: str) -> Mapping[str, list[Event]]:
        """Every aggregate's events, in the order of their versions."""
        found: dict[str, list[Event]] = defaultdict(list)
        for record in sorted(self.records, key=lambda one: one.first):
            if record.domain == domain:
                found[record.id] += record.events
        return found

    def matching(self, sink: str, word: str) -> set[tuple[str, str]]:
        """The documents of a sink in which the index finds this word."""
        number = self.sinks[sink].number
        names = {n: (id, key) for n, id, key in self.search.execute(DOCUMENTS, (number,))}
        scopes = {n for (n,) in self.search.execute(SCOPES, (number,))}
        hits = [hit for (hit,) in self.search.execute(MATCH, (f'"{word}"',))]
        here = [hit & LOW_BITS for hit in hits if hit >> DOCUMENT_BITS in scopes]
        return {names.get(document, ("", f"document {document}")) for document in here}
