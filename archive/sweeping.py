"""Sweeping: snapshots that nobody pins any more, and files that belong to none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from archive.places import TABLES
from archive.rest import PREFIX
from archive.rows import in_the_making, place_of
from archive.table import Catalog, everything_of, path_of
from mainstem.discovery import Domain, rows_name

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
    events = catalog.table(domain.name)
    gone = 0
    if events is not None:
        gone = _swept(archive, events, archive / TABLES / f"{domain.name}_events")
    pinned = {} if events is None else events.refs()
    for view in domain.views.values():
        if (place := place_of(archive, view)).is_dir():
            kept = in_the_making(archive, view, pinned)
            gone += _swept(archive, catalog.named(rows_name(view)), place, kept)
    return gone


def _swept(archive: Path, table: Table | None, place: Path, kept: Iterable[Path] = ()) -> int:
    if table is not None:
        table = _without_old(table)
    needed = {path_of(archive, one) for one in _needed(table)} | set(kept)
    gone = [path for path in _there(place) if path not in needed]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _without_old(table: Table) -> Table:
    """The newest snapshots stay, and those that have a name."""
    every = sorted(table.snapshots(), key=lambda one: (one.sequence_number or 0, one.timestamp_ms))
    named = {ref.snapshot_id for ref in table.refs().values()}
    old = [one.snapshot_id for one in every[:-SNAPSHOTS_MAX] if one.snapshot_id not in named]
    if old:
        table.maintenance.expire_snapshots().by_ids(old).commit()
    return table.refresh() if old else table


def _needed(table: Table | None) -> Iterator[str]:
    """Every file of every snapshot that is kept, and what those rest on."""
    if table is None:
        return
    yield from everything_of(table)
    for snapshot in table.snapshots():
        said = {} if snapshot.summary is None else snapshot.summary.additional_properties
        for name, places in said.items():
            if name.startswith(PREFIX):
                yield from places.split()


def _there(place: Path) -> Iterator[Path]:
    """What lies there, and is not just being written. Metadata is Iceberg's own to let go of."""
    oldest = time.time() - ORPHAN_AGE_S
    for path in place.rglob("*"):
        ours = path.is_file() and path.suffix in (".parquet", ".avro")
        if ours and path.stat().st_mtime < oldest:
            yield path
