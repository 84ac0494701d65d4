"""Archives for tests: events put in as raw objects, compacted, and looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from archive.compact import Compactor
from archive.places import RAW, raw_names
from archive.raw import kept
from archive.table import Catalog, files_of, path_of
from archive.verify import Verified, verified
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of
from mainstem.discovery import Domain
from mainstem.envelope import Envelope, encode
from mainstem.ports import Arrived

NOON_US = 1_780_315_200_000_000  # 2026-06-01, 12 o'clock
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
TODAY = "2026-06-01"


@dataclass
class Archive:
    """A folder of one."""

    path: Path
    domains: Mapping[str, Domain]
    sequence: int = 0
    producers: dict[tuple[str, str], int] = field(default_factory=dict)

    def commits(self, *records: Sequence[Envelope], at: int = NOON_US) -> list[Arrived]:
        """What commands have made, as it arrives on the feed."""
        return [self._arrived(one[0], list(one), "", 0, at) for one in records]

    def facts(self, *some: Envelope, producer: str = "p", at: int = NOON_US) -> Arrived:
        """A bundle of one lane, with the next number of it."""
        lane = lane_of(Aggregate(some[0].tenant, some[0].domain, some[0].id))
        n = self.producers[producer, lane] = self.producers.get((producer, lane), 0) + 1
        return self._arrived(some[0], list(some), producer, n, at)

    def again(self, one: Arrived, at: int = NOON_US) -> Arrived:
        """The same bundle, sent once more."""
        self.sequence += 1
        return one._replace(sequence=self.sequence, at=at)

    def keep(self, *records: Arrived) -> Path:
        """One raw object of these."""
        before = set(raw_names(self.path))
        kept(self.path, records)
        (new,) = set(raw_names(self.path)) - before
        return self.path / RAW / new

    def compact(self, today: str = TODAY) -> int:
        """Everything; how many events are new."""
        run = Compactor(self.path, self.domains).run(today)
        return sum(one.events for one in run if not one.day)

    def rows(self, domain: str) -> list[dict[str, Any]]:
        """The table's: of one file as they lie there, of several by their versions."""
        with self.table(domain) as table:
            names = [one for files in files_of(table).values() for one in files]
            paths = [path_of(self.path, one) for one in names]
            found = [row for path in paths for row in pq.read_table(path).to_pylist()]
            key = ("tenant", "id", "version") if len(paths) > 1 else ()
            return sorted(found, key=lambda row: [row[one] for one in key])

    def files(self, domain: str) -> dict[str, int]:
        """How many files each day has."""
        with self.table(domain) as table:
            return {day: len(files) for day, files in files_of(table).items()}

    def verify(self, domain: str) -> Verified:
        catalog = Catalog(self.path)
        try:
            return verified(self.path, self.domains[domain], catalog)
        finally:
            catalog.close()

    @contextmanager
    def table(self, domain: str) -> Iterator[Any]:
        catalog = Catalog(self.path)
        try:
            yield catalog.table(domain)
        finally:
            catalog.close()

    def _arrived(
        self, first: Envelope, some: list[Envelope], producer: str, n: int, at: int
    ) -> Arrived:
        self.sequence += 1
        whose = Aggregate(first.tenant, first.domain, first.id)
        key = lane_of(whose) if producer else whose.key
        data = bundled(map(encode, some), producer, n)
        return Arrived("shard-1", self.sequence, key, data, at)


def changed(path: Path, **columns: Any) -> None:
    """A raw object with other columns: a value, or a list of them; None takes one away."""
    table = pq.read_table(path)
    for name, value in columns.items():
        place = table.column_names.index(name)
        if value is None:
            table = table.drop_columns(name)
            continue
        old = table.schema.field(name)
        many = value if isinstance(value, list) else [value] * table.num_rows
        kind = old.type if not isinstance(many[0], bytes) else pa.binary()
        table = table.set_column(place, pa.field(name, kind), pa.array(many, kind))
    pq.write_table(table, path)


def sold(id: str, version: int, cents: int, at: int = NOON_US, **more: Any) -> Envelope:
    """A sale in a shop: of tests that need no more than a few events."""
    return Envelope(
        tenant="main", domain="shop", id=id, version=version, type="Sold", schema=1, at=at,
        by="ann", data={"what": f"tea {cents}", "cents": cents, **more},
    )  # fmt: skip
