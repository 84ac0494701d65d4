"""Archiving: the feed of a folder into raw objects, as Firehose does it for a stream.

How far it is, is written down after the object is there: what a crash comes between is written
twice, which whoever reads raw objects expects.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archive.commit import Compacted
from archive.compact import Compactor
from archive.places import day_of
from archive.raw import kept
from archive.table import Catalog
from archive.verify import Verified, ends, missing, verified
from edge.disk import in_words, synced
from local.adapters import Adapters
from local.locks import held
from mainstem.discovery import Domain
from mainstem.ports import Arrived, Corrupt, Shard, Unavailable
from mainstem.protocol.drive import drive

ARCHIVE, POSITIONS, LOCK = "archive", "positions.json", "archive.lock"
BYTES_A_FILE_MAX = 16 * 1024 * 1024  # less than Firehose gathers: they are in memory for a moment
RECORDS_PER_READ = 200
PATIENCE_S, POLL_S = 30.0, 0.02
AGE_US = 60_000_000  # as long as Firehose may wait
RECORDS_MAX = 20_000
HEADS = "SELECT tenant, id, max(last) FROM records WHERE domain = ? GROUP BY tenant, id"
APPLIED = """SELECT tenant, id, max(version) FROM heads
    WHERE generation IN (SELECT number FROM generations WHERE stage = 'current' AND sink LIKE ?)
    GROUP BY tenant, id"""


@dataclass
class Archiver:
    """What brings a folder's events to its archive. One process at a time."""

    ports: Adapters
    positions: dict[str, int] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.ports.folder.path / ARCHIVE

    def step(self) -> int:
        """The next records of all shards, as one object; how many; none if it is not ours."""
        with self.working() as ours:
            if not ours:
                return 0
            self.positions = positions(self.path)
            upto = dict(self.positions)
            records = list(self._next(upto))
            if records:
                kept(self.path, records)
                self._move(upto)
            return len(records)

    def due(self) -> int:
        """The next of them, where one has waited for a while, or there are many."""
        first = self.oldest()
        if first is None:
            return 0
        waited = drive(self.ports.clock.now()) - first
        many = sum(self.ports.feed.ends().values()) - sum(self.positions.values())
        return self.step() if waited > AGE_US or many > RECORDS_MAX else 0

    def oldest(self) -> int | None:
        """When the first record arrived that is not archived; None: all of them are."""
        self.positions = positions(self.path)
        found = [
            one.at
            for shard in drive(self.ports.feed.shards())
            for one in drive(
                self.ports.feed.read(shard.name, self.positions.get(shard.name, 0), 1)
            ).records
        ]
        return min(found, default=None)

    def catch_up(self) -> None:
        """All that is on the feed now, by us or by whoever is at it. Raises Unavailable."""
        ends, until = self.ports.feed.ends(), time.monotonic() + PATIENCE_S
        while not self._has(ends):
            if not self.step():
                if time.monotonic() > until:
                    raise Unavailable(f"{self.path}: another process has archived for too long")
                time.sleep(POLL_S)

    def _has(self, ends: Mapping[str, int]) -> bool:
        there = positions(self.path)
        return all(there.get(shard, 0) >= end for shard, end in ends.items())

    @contextmanager
    def working(self) -> Iterator[bool]:
        """Whether it is ours to write, while the block runs."""
        with in_words(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        with held(self.path, LOCK) as mine:
            yield mine is not None

    def _next(self, upto: dict[str, int]) -> Iterator[Arrived]:
        size = 0
        for shard in drive(self.ports.feed.shards()):
            while size < BYTES_A_FILE_MAX and (records := self._read(shard, upto)):
                yield from records
                size += sum(len(one.data) for one in records)

    def _read(self, shard: Shard, upto: dict[str, int]) -> tuple[Arrived, ...]:
        reading = drive(self.ports.feed.read(shard.name, upto.get(shard.name, 0), RECORDS_PER_READ))
        if reading.records:
            upto[shard.name] = reading.upto
        return reading.records

    def _move(self, upto: Mapping[str, int]) -> None:
        path = self.path / POSITIONS
        with in_words(path):
            draft = path.with_suffix(".new")
            with draft.open("w", encoding="utf-8") as file:
                json.dump(upto, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            synced(path.parent)
        self.positions = dict(upto)


def positions(archive: Path) -> dict[str, int]:
    """How far the archive is, shard by shard."""
    path = archive / POSITIONS
    if not path.is_file():
        return {}
    try:
        found: dict[str, int] = json.loads(path.read_text("utf-8"))
        return {str(shard): int(sequence) for shard, sequence in found.items()}
    except (ValueError, AttributeError, TypeError):
        text = "is damaged; without it, all of the feed is archived once more"
        raise Corrupt(f"{path}: {text}") from None


def compacted(ports: Adapters, domains: Mapping[str, Domain]) -> list[Compacted]:
    """Everything that is archived by now, in tables. Raises Unavailable where another does it."""
    today = day_of(drive(ports.clock.now()))
    return list(Compactor(ports.folder.path / ARCHIVE, domains).run(today))


def checked(ports: Adapters, domain: Domain, catalog: Catalog) -> Verified:
    """The archive by itself, and whether it has all that the journal has, or the rows."""
    archive = ports.folder.path / ARCHIVE
    found = verified(archive, domain, catalog)
    if found.findings:
        return found
    wanted = _wanted(ports, domain)
    late = tuple(missing(domain.name, wanted, ends(archive, domain, catalog)))
    return found._replace(findings=late)


def _wanted(ports: Adapters, domain: Domain) -> dict[tuple[str, str], int]:
    """How far each aggregate is: in the journal, or, of facts, where they were applied."""
    if domain.decided:
        rows = ports.folder.journal.rows(HEADS, domain.name)
    else:
        rows = ports.folder.views.rows(APPLIED, f"{domain.name}.%")
    return {(tenant, id): version for tenant, id, version in rows}
