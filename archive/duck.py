"""DuckDB for the archive's own work: bounded in memory, with room on the disk beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archive.columns import DAY, envelope_of
from mainstem.discovery import Domain
from mainstem.sql import from_columns

if TYPE_CHECKING:
    import duckdb

SCRATCH = ".scratch"
MEMORY = "2GB"


@contextmanager
def connection(archive: Path, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """One of its own, whose scratch is gone when the block ends."""
    import duckdb

    scratch = archive / SCRATCH / name
    with duckdb.connect() as made:
        made.execute(f"SET memory_limit = '{MEMORY}'")
        made.execute("SET temp_directory = $place", {"place": str(scratch)})
        made.execute("SET preserve_insertion_order = false")
        made.execute("SET parquet_metadata_cache = true")  # a footer is read once, not at each step
        made.execute("SET enable_progress_bar = false")
        try:
            yield made
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def parquet(paths: Sequence[str | Path], **options: str) -> str:
    """These files as a table, in SQL."""
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    more = "".join(f", {name} = {value}" for name, value in options.items())
    return f"read_parquet([{names}], hive_partitioning = false{more})"


def typed(
    duck: duckdb.DuckDBPyConnection, domain: Domain, paths: Sequence[str | Path], view: str
) -> None:
    """A view of compacted files as the code at hand knows its events, whatever age they have."""
    duck.execute(
        f"CREATE OR REPLACE TEMP VIEW {view}_files AS FROM {parquet(paths, union_by_name='true')}"
    )
    there = [name for name, *_ in duck.execute(f"DESCRIBE {view}_files").fetchall()]
    select = from_columns(domain, f"{view}_files", (DAY, *envelope_of(domain)), there)
    duck.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {select}")
