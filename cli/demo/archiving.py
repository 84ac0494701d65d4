"""The demo's fourth step: all of it as Parquet, verified, and how small that is."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from local.adapters import Adapters
    from mainstem import View
    from mainstem.discovery import Domain


@dataclass
class Archived:
    """What was archived."""

    events: int = 0
    bytes: int = 0
    plain: int = 0  # the same events as JSON lines
    zipped: int = 0  # and as gzip JSON lines
    seconds: float = 0.0
    wrong: str = ""


def archived(ports: Adapters, domains: Mapping[str, Domain]) -> Archived:
    """Everything that is on the feed now."""
    from archive.table import Catalog, files_of, path_of
    from local.archiving import ARCHIVE, checked, compacted
    from local.asking import archived as all_archived

    found, began = Archived(), time.perf_counter()
    all_archived(ports)
    compacted(ports, domains)
    found.seconds = time.perf_counter() - began
    archive = ports.folder.path / ARCHIVE
    catalog = Catalog(archive)
    try:
        for domain in domains.values():
            verified = checked(ports, domain, catalog)
            found.events += verified.events
            found.wrong = found.wrong or "; ".join(f"{w}: {t}" for w, t in verified.findings)
            table = catalog.table(domain.name)
            for files in ({} if table is None else files_of(table)).values():
                found.bytes += sum(path_of(archive, one).stat().st_size for one in files)
    finally:
        catalog.close()
    text = b"\n".join(_lines(ports)) + b"\n"
    found.plain, found.zipped = len(text), len(gzip.compress(text, 6))
    return found


def _lines(ports: Adapters) -> Iterator[bytes]:
    """Every event as it was on the feed, each once."""
    from local.producing import records
    from mainstem.bundle import opened
    from mainstem.protocol.drive import drive

    known: set[bytes] = set()
    for shard in drive(ports.feed.shards()):
        for one in records(ports.feed, shard.name):
            if one.data not in known:
                known.add(one.data)
                yield from opened(one.key, one.data).lines


def rows_in_sql(ports: Adapters, domains: Mapping[str, Domain], view: type[View]) -> list[Any]:
    """A view's rows, as SQL computes them from the archive."""
    from archive.asking import Asking
    from local.archiving import ARCHIVE
    from mainstem.discovery import sql_name

    table = Asking(ports.folder.path / ARCHIVE, domains).table(f"FROM {sql_name(view)}")
    maps = [c.name for c in view.__columns__.values() if c.kind.row is not None]
    rows = [
        {name: _map(value) if name in maps else value for name, value in row.items()}
        for row in table.to_pylist()
    ]
    keys = ("tenant", "id", "key") if view.__keys__ else ("tenant", "id")
    return sorted(rows, key=lambda row: [row[one] for one in keys])


def _map(pairs: Any) -> Any:
    """A map as Arrow has it, as an object."""
    return {key: dict(row) if isinstance(row, dict) else row for key, row in pairs}


def json_of(value: Any) -> Any:
    """As JSON has it: tuples are lists."""
    return msgspec.json.decode(msgspec.json.encode(value))
