"""Sweeping: snapshots that nobody pins any more, and files that belong to none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.places import TABLES
from archive.rest import PREFIX
from archive.table import Catalog, path_of
from mainstem.discovery import Domain

if TYPE_CHECKING:
    from pyiceberg.table import Table

SNAPSHOTS_MAX = 4  # hours, as a rule; each is read and copied with every commit. Whoever needs one
# longer names it in Iceberg.
ORPHAN_AGE_S = 24 * 3600  # whoever writes has committed by then, or has ended


def crowded(catalog: Catalog, domain: Domain) -> bool:
    """Whether there are so many that commits get slow."""
    table = catalog.table(domain.name)
    return table is not None and len(table.snapshots()) > 2 * SNAPSHOTS_MAX


def swept(archive: Path, catalog: Catalog, domain: Domain) -> int:
    """What is old and belongs to no snapshot is gone; how many files."""
    table = catalog.table(domain.name)
    if table is None:
        return 0
    every = sorted(table.snapshots(), key=lambda one: (one.sequence_number or 0, one.timestamp_ms))
    named = {ref.snapshot_id for ref in table.refs().values()}
    old = [one.snapshot_id for one in every[:-SNAPSHOTS_MAX] if one.snapshot_id not in named]
    if old:
        table.maintenance.expire_snapshots().by_ids(old).commit()
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
        for name, places in said.items():
            if name.startswith(PREFIX):
                yield from places.split()
        for manifest in snapshot.manifests(table.io):
            yield manifest.manifest_path
            for entry in manifest.fetch_manifest_entry(table.io):
                yield entry.data_file.file_path


def _there(archive: Path, domain: Domain) -> Iterator[Path]:
    """What lies there, and is not just being written. Metadata is Iceberg's own to let go of."""
    oldest = time.time() - ORPHAN_AGE_S
    for path in (archive / TABLES / f"{domain.name}_events").rglob("*"):
        ours = path.is_file() and path.suffix in (".parquet", ".avro")
        if ours and path.stat().st_mtime < oldest:
            yield path
