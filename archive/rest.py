"""What a snapshot rests on: the raw objects it has consumed, and how far each aggregate is.

Each is told by a few files that the snapshot names, so that they change with it, all at once. A
step adds a file, and takes in those before it that are not much larger: what is told of a year is
not written again for an hour, and however many steps there were, there are few files.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from archive.places import TABLES
from archive.rawfiles import RawFile
from archive.table import path_of, properties_of
from archive.writing import FALSE_POSITIVES, groups
from edge.disk import in_words, synced
from mainstem.ports import Corrupt

if TYPE_CHECKING:
    from pyiceberg.table import Table

CONSUMED, HEADS = "consumed", "heads"  # a property of a snapshot each
PREFIX = "mainstem."
ROWS_A_GROUP = 2_000  # so that one of many is found without reading all
CONSUMED_SCHEMA = pa.schema(
    [("name", pa.string()), ("size", pa.int64()), ("digest", pa.string()), ("rows", pa.int64())]
)
Rests = Mapping[str, Sequence[Path]]


class Tiers(NamedTuple):
    """Files that stay as they are, and those that a new one takes in."""

    stay: Sequence[Path]
    taken_in: Sequence[Path]


def tiers(files: Sequence[Path], rows: int) -> Tiers:
    """For a new one of so many rows: whatever stays has twice as many as what comes behind it."""
    nth = len(files)
    while nth and (before := _many(files[nth - 1])) < 2 * rows:
        nth, rows = nth - 1, rows + before
    return Tiers(files[:nth], files[nth:])


def consumed(archive: Path, table: Table | None) -> dict[str, RawFile]:
    """Raw objects that the current snapshot holds, by name."""
    found = (_table(path) for path in _rest(archive, table, CONSUMED))
    return {row["name"]: RawFile(**row) for one in found for row in one.to_pylist()}


def consumed_names(archive: Path, table: Table | None) -> set[str]:
    """Their names."""
    found = (_table(path, ["name"]) for path in _rest(archive, table, CONSUMED))
    return {name for one in found for name in one["name"].to_pylist()}


def consumed_with(archive: Path, domain: str, before: Rests, new: Sequence[RawFile]) -> list[Path]:
    """Files of what was consumed before, and of these."""
    stay, taken_in = tiers(before[CONSUMED], len(new))
    rows = pa.Table.from_pylist([one._asdict() for one in new], schema=CONSUMED_SCHEMA)
    path = new_path(archive, domain, CONSUMED)
    save(path, pa.concat_tables([*map(_table, taken_in), rows]))
    return [*stay, path]


def heads(archive: Path, table: Table | None) -> list[Path]:
    """How far each aggregate is, as files; none where nothing was compacted."""
    return _rest(archive, table, HEADS)


def rests(archive: Path, table: Table | None) -> Rests:
    """What the current snapshot rests on, for the next one to rest on as well."""
    return {what: _rest(archive, table, what) for what in (CONSUMED, HEADS)}


def _rest(archive: Path, table: Table | None, what: str) -> list[Path]:
    named = "" if table is None else properties_of(table).get(f"{PREFIX}{what}", "")
    return [path_of(archive, one) for one in named.split()]


def _table(path: Path, columns: list[str] | None = None) -> pa.Table:
    try:
        return pq.read_table(path, columns=columns)
    except (pa.ArrowException, OSError) as no:
        raise Corrupt(f"{path}: is damaged, and the table rests on it: {no}") from None


def _many(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError) as no:
        raise Corrupt(f"{path}: is damaged, and the table rests on it: {no}") from None


def new_path(archive: Path, domain: str, what: str) -> Path:
    """Of a file that no snapshot names yet."""
    return archive / TABLES / f"{domain}_events" / "rest" / f"{uuid.uuid4().hex}.{what}.parquet"


def save(path: Path, rows: pa.Table | pa.RecordBatchReader) -> None:
    """On the disk when this returns."""
    with in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        batches = rows if isinstance(rows, pa.RecordBatchReader) else rows.to_batches()
        with _writer(path, rows.schema) as writer:
            for table in groups(iter(batches), ROWS_A_GROUP):
                writer.write_table(table)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        synced(path.parent)


def _writer(path: Path, schema: pa.Schema) -> Any:
    more: dict[str, Any] = {}
    if "id" in schema.names:
        more["column_encoding"] = {"id": "DELTA_BYTE_ARRAY"}
        more["bloom_filter_options"] = {"id": {"ndv": ROWS_A_GROUP, "fpp": FALSE_POSITIVES}}
    return pq.ParquetWriter(
        path, schema, compression="zstd", write_statistics=["tenant", "id"],
        use_dictionary=[name for name in schema.names if name != "id"], **more,
    )  # fmt: skip
