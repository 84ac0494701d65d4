"""Closing a day: what its hours have left in several files becomes one run in order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from archive.commit import Compacted, commit, place_of_day
from archive.duck import connection, rows_of
from archive.increment import Increment
from archive.rest import rests
from archive.table import Catalog, files_of, path_of
from archive.writing import written
from mainstem.discovery import Domain


def closed(archive: Path, catalog: Catalog, domain: Domain, today: str) -> Iterator[Compacted]:
    """Every day before today that has more than one file, replaced at once by what it holds."""
    table = catalog.table(domain.name)
    there = {} if table is None else files_of(table)
    for day, files in there.items():
        if day >= today or len(files) < 2 or _large(archive, files):
            continue
        began = time.monotonic()
        paths = [path_of(archive, one) for one in files]
        with connection(archive, f"close-{domain.name}") as duck:
            rows_of(duck, domain, paths, "of_day")
            rows = Increment(duck, domain, archive).sorted("FROM of_day")
            added = written(place_of_day(archive, domain, day), rows)
            events = duck.sql("SELECT count(*) FROM of_day").fetchall()[0][0]
        commit(archive, catalog, domain, added, [day], rests(archive, catalog.table(domain.name)))
        yield Compacted(domain.name, 0, events, time.monotonic() - began, day)


def _large(archive: Path, files: list[str]) -> bool:
    """Whether each but the last is as large as a file gets: then they are one run already."""
    import pyarrow.parquet as pq

    from archive.writing import ROWS_A_FILE_MAX

    rows = [pq.read_metadata(path_of(archive, one)).num_rows for one in files]
    return int(sorted(rows)[1]) >= ROWS_A_FILE_MAX
