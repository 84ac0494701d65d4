"""DuckDB for the archive's own work: bounded in memory, with room on the disk beside it."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archive.columns import DAY, envelope_of
from edge.disk import in_words
from mainstem.discovery import Domain
from mainstem.ports import Unavailable
from mainstem.sql import names_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SCRATCH = ".scratch"
MEMORY_MB = 2_000
BETWEEN = re.compile(r"([A-Z][A-Za-z ]*) Error: ")  # how what DuckDB says begins


@contextmanager
def connection(archive: Path, name: str, among: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """One of its own, whose scratch is gone when the block ends; that of ended processes is too.

    Among several processes that work side by side, memory and cores are shared out.
    """
    import duckdb

    place = archive / SCRATCH
    scratch = place / f"{os.getpid()}-{threading.get_ident()}-{name}"
    with in_words(scratch):
        scratch.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    with duckdb.connect() as made:
        made.execute(f"SET memory_limit = '{MEMORY_MB // among}MB'")
        if among > 1:
            made.execute(f"SET threads = greatest(1, current_setting('threads') // {among})")
        made.execute("SET temp_directory = $place", {"place": str(scratch)})
        made.execute("SET preserve_insertion_order = false")
        made.execute("SET parquet_metadata_cache = true")  # a footer is read once, not at each step
        made.execute("SET enable_progress_bar = false")
        try:
            with passed_on():
                yield made
        except (duckdb.IOException, duckdb.OutOfMemoryException) as no:  # a full disk, say
            raise Unavailable(f"{archive}: {first_line(no)}") from no
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            _sweep(place)


@contextmanager
def passed_on() -> Iterator[None]:
    """What goes wrong between two batches comes from Arrow, as an OSError; here it is DuckDB's."""
    import duckdb

    try:
        yield
    except OSError as no:
        if (said := BETWEEN.match(str(no))) is None:
            raise
        name = "".join(word[0].upper() + word[1:] for word in said[1].split())
        raise getattr(duckdb, f"{name}Exception", duckdb.Error)(str(no)) from None


def batches(found: duckdb.DuckDBPyRelation, rows: int) -> Iterator[pa.RecordBatch]:
    """An answer, so many rows at a time."""
    with passed_on():
        yield from found.to_arrow_reader(rows)


def _sweep(place: Path) -> None:
    """What was killed has left its scratch behind."""
    for scratch in place.glob("*-*"):
        number = scratch.name.partition("-")[0]
        if number.isdigit() and not _lives(int(number)):
            shutil.rmtree(scratch, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's
    return True


def first_line(no: Exception) -> str:
    """What DuckDB says is wrong, and where, on one line."""
    return " ".join(str(no).split("\n\n")[0].split())


def quoted(words: str | Path) -> str:
    """A text in SQL, where no parameter may stand."""
    return "'" + str(words).replace("'", "''") + "'"


def parquet(paths: Sequence[str | Path], **options: str) -> str:
    """These files as a table, in SQL."""
    names = ", ".join(map(quoted, paths))
    more = "".join(f", {name} = {value}" for name, value in options.items())
    return f"read_parquet([{names}], hive_partitioning = false{more})"


def rows_of(
    duck: duckdb.DuckDBPyConnection, domain: Domain, paths: Sequence[str | Path], view: str
) -> None:
    """A view of a table's files, all of which were written by code that reads events alike."""
    columns = ", ".join(f'"{name}"' for name in (DAY, *envelope_of(domain), *names_of(domain)))
    duck.execute(f'CREATE OR REPLACE TEMP VIEW "{view}" AS SELECT {columns} FROM {parquet(paths)}')
