"""Sweeping: snapshots that nobody pins any more, and files that belong to none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from archive.places import TABLES
from archive.rest import PREFIX
from archive.table import Catalog, path_of
from mainstem.discovery import Domain

if TYPE_CHECKING:
    from pyiceberg.table import Table

SNAPSHOT_AGE = timedelta(days=7)  # as long as a rebuild may hold on to one
ORPHAN_AGE_S = 24 * 3600  # whoever writes has committed by then, or has ended


def swept(archive: Path, catalog: Catalog, domain: Domain) -> int:
    """What is old and belongs to no snapshot is gone; how many files."""
    table = catalog.table(domain.name)
    if table is None:
        return 0
    old = [one for one in table.snapshots() if _age(one.timestamp_ms) > SNAPSHOT_AGE]
    current = table.current_snapshot()
    old = [one for one in old if current is not None and one.snapshot_id != current.snapshot_id]
    if old:
        before = datetime.now(UTC) - SNAPSHOT_AGE
        table.maintenance.expire_snapshots().older_than(before.replace(tzinfo=None)).commit()
        table = catalog.table(domain.name) or table
    needed = {path_of(archive, one) for one in _needed(table)}
    gone = [path for path in _there(archive, domain) if path not in needed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _needed(table: Table) -> Iterator[str]:
    """Every file of every snapshot that is kept."""
    for snapshot in table.snapshots():
        yield snapshot.manifest_list
        said = {} if snapshot.summary is None else snapshot.summary.additional_properties
        yield from (place for name, place in said.items() if name.startswith(PREFIX))
        for manifest in snapshot.manifests(table.io):
            yield manifest.manifest_path
            for entry in manifest.fetch_manifest_entry(table.io):
                yield entry.data_file.file_path


def _there(archive: Path, domain: Domain) -> Iterator[Path]:
    """What lies there, and is not just being written. Metadata is Iceberg's own to let go of."""
    oldest = time.time() - ORPHAN_AGE_S
    for path in (archive / TABLES / f"{domain.name}_events").rglob("*"):
        if path.is_file() and path.suffix != ".json" and path.stat().st_mtime < oldest:
            yield path


def _age(at_ms: int) -> timedelta:
    return datetime.now(UTC) - datetime.fromtimestamp(at_ms / 1000, UTC)
