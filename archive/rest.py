"""What a snapshot rests on: the raw objects it has consumed, how far each aggregate is, its files.

Each is a file that a snapshot names, so that it changes with it, all at once.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from archive.places import TABLES
from archive.rawfiles import RawFile
from archive.table import path_of, properties_of
from archive.writing import groups
from edge.disk import in_words, synced
from mainstem.ports import Corrupt

if TYPE_CHECKING:
    from pyiceberg.table import Table

CONSUMED, HEADS, FILES = "consumed", "heads", "files"  # a property of a snapshot each
PREFIX = "mainstem."
ROWS_A_GROUP = 4_000
CONSUMED_SCHEMA = pa.schema(
    [("name", pa.string()), ("size", pa.int64()), ("digest", pa.string()), ("rows", pa.int64())]
)
FILES_SCHEMA = pa.schema([("location", pa.string()), ("digest", pa.string())])


def consumed(archive: Path, table: Table | None) -> dict[str, RawFile]:
    """Raw objects that the current snapshot holds, by name."""
    path = _rest(archive, table, CONSUMED)
    return {} if path is None else {row["name"]: RawFile(**row) for row in _rows(path)}


def consumed_as(archive: Path, domain: str, files: Sequence[RawFile]) -> Path:
    """A file of them, which a snapshot may name."""
    path = new_path(archive, domain, CONSUMED)
    save(path, pa.Table.from_pylist([one._asdict() for one in files], schema=CONSUMED_SCHEMA))
    return path


def heads(archive: Path, table: Table | None) -> Path | None:
    """How far each aggregate is, as a file; None where nothing was compacted."""
    return _rest(archive, table, HEADS)


def digests(archive: Path, table: Table | None) -> dict[str, str]:
    """What each file of the current snapshot is, byte by byte."""
    path = _rest(archive, table, FILES)
    return {} if path is None else {row["location"]: row["digest"] for row in _rows(path)}


def digests_as(archive: Path, domain: str, found: Mapping[str, str]) -> Path:
    """A file of them, which a snapshot may name."""
    path = new_path(archive, domain, FILES)
    columns = {"location": list(found), "digest": list(found.values())}
    save(path, pa.table(columns, schema=FILES_SCHEMA))
    return path


def rests(archive: Path, table: Table | None) -> dict[str, Path]:
    """What the current snapshot rests on, for the next one to rest on as well."""
    found = {what: _rest(archive, table, what) for what in (CONSUMED, HEADS)}
    return {what: path for what, path in found.items() if path is not None}


def _rest(archive: Path, table: Table | None, what: str) -> Path | None:
    place = None if table is None else properties_of(table).get(f"{PREFIX}{what}")
    return None if place is None else path_of(archive, place)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        return cast("list[dict[str, Any]]", pq.read_table(path).to_pylist())
    except (pa.ArrowException, OSError) as no:
        raise Corrupt(f"{path}: is damaged, and the table rests on it: {no}") from None


def new_path(archive: Path, domain: str, what: str) -> Path:
    """Of a file that no snapshot names yet."""
    return archive / TABLES / f"{domain}_events" / "rest" / f"{uuid.uuid4().hex}.{what}.parquet"


def save(path: Path, rows: pa.Table | pa.RecordBatchReader) -> None:
    """On the disk when this returns."""
    with in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        encoded = {"id": "DELTA_BYTE_ARRAY"} if "id" in rows.schema.names else None
        kept = [name for name in rows.schema.names if name != "id"]
        with pq.ParquetWriter(
            path, rows.schema, compression="zstd", use_dictionary=kept, column_encoding=encoded
        ) as writer:
            batches = iter(rows if isinstance(rows, pa.RecordBatchReader) else rows.to_batches())
            for table in groups(
                batches, ROWS_A_GROUP
            ):  # so that one of many is found without reading all
                writer.write_table(table)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        synced(path.parent)
