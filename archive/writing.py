"""Writing: sorted rows into Parquet, each column in the encoding that suits what it holds."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from archive.rawfiles import digest_of
from edge.disk import in_words, synced

# As many as DuckDB reads at a time: those that lie on two pages it copies one by one.
ROWS_A_PAGE = 2_048  # a look for one id reads one page of every column
ROWS_A_GROUP = 10 * ROWS_A_PAGE  # but of the ids all of one group
ROWS_A_FILE_MAX = 5_000_000
DISTINCT_SHARE_MAX = 0.25  # of a column's values, where a dictionary is the smaller
FALSE_POSITIVES = 0.01
# What questions are bounded by: of other columns the least and the most tell nobody anything.
RANGED = ("dt", "tenant", "id", "version", "type", "at", "arrived", "sequence")
SORTED = {"id": "DELTA_BYTE_ARRAY", "sequence": "DELTA_BYTE_ARRAY"}
DELTAS = {pa.int64(): "DELTA_BINARY_PACKED", pa.int32(): "DELTA_BINARY_PACKED",
          pa.string(): "DELTA_LENGTH_BYTE_ARRAY"}  # fmt: skip


class Encodings(NamedTuple):
    """How columns are written."""

    dictionaries: list[str]
    deltas: dict[str, str]


def written(folder: Path, batches: Iterator[pa.RecordBatch]) -> list[Path]:
    """Files of these rows, in their order; on the disk when this returns. None of no rows."""
    found, rest = list[Path](), groups(batches)
    for first in rest:
        found.append(_file(folder, first, rest))
    return found


def groups(batches: Iterator[pa.RecordBatch], size: int = ROWS_A_GROUP) -> Iterator[pa.Table]:
    """As many rows at a time as are looked through for one id."""
    some, rows = list[pa.RecordBatch](), 0
    for batch in batches:
        while batch.num_rows:
            part = batch.slice(0, size - rows)
            some.append(part)
            rows += part.num_rows
            batch = batch.slice(part.num_rows)  # noqa: PLW2901
            if rows == size:
                yield pa.Table.from_batches(some)
                some, rows = [], 0
    if some:
        yield pa.Table.from_batches(some)


def _file(folder: Path, first: pa.Table, rest: Iterator[pa.Table]) -> Path:
    """Named by its bytes, so that whoever reads it knows whether it is what was written."""
    draft = folder / f".{uuid.uuid4().hex}.parquet"
    with in_words(draft):
        folder.mkdir(parents=True, exist_ok=True)
        with _writer(draft, first) as writer:
            rows = 0
            for table in chain([first], rest):
                writer.write_table(table, row_group_size=ROWS_A_GROUP)
                rows += table.num_rows
                if rows >= ROWS_A_FILE_MAX:
                    break
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        path = draft.with_name(f"{digest_of(draft)}.parquet")
        draft.replace(path)
        synced(folder)
        synced(folder.parent)
    return path


def _writer(path: Path, first: pa.Table) -> Any:
    encodings = encodings_of(first)
    return pq.ParquetWriter(
        path, first.schema, compression="zstd", version="2.6", data_page_version="2.0",
        use_dictionary=encodings.dictionaries, column_encoding=encodings.deltas,
        write_statistics=[name for name in first.column_names if name in RANGED],
        max_rows_per_page=ROWS_A_PAGE, write_batch_size=ROWS_A_PAGE,
        bloom_filter_options={"id": {"ndv": _ids(first), "fpp": FALSE_POSITIVES}},
    )  # fmt: skip


def _ids(first: pa.Table) -> int:
    """About how many there are in as many rows."""
    return max(1, 2 * int(pc.count_distinct(first["id"]).as_py()))


def encodings_of(table: pa.Table) -> Encodings:
    """By the first rows: few distinct values are a dictionary, many are told by how they differ."""
    dictionaries, deltas = list[str](), dict[str, str]()
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_nested(column.type):
            dictionaries += _leaves(name, column.type)
        elif column.type not in DELTAS or _few(column):
            dictionaries.append(name)
        elif name in SORTED and pa.types.is_string(column.type):
            deltas[name] = SORTED[name]
        else:
            deltas[name] = DELTAS[column.type]
    return Encodings(dictionaries, deltas)


def _leaves(name: str, kind: pa.DataType) -> Iterator[str]:
    """The columns of Parquet that a column of lists, maps or structs is laid out in."""
    if pa.types.is_map(kind):
        inner = {"key_value.key": kind.key_type, "key_value.value": kind.item_type}
    elif pa.types.is_struct(kind):
        inner = {one.name: one.type for one in kind}
    elif pa.types.is_nested(kind):
        inner = {"list.element": kind.value_type}
    else:
        yield name
        return
    for within, type in inner.items():
        yield from _leaves(f"{name}.{within}", type)


def _few(column: pa.ChunkedArray) -> bool:
    there = len(column) - column.null_count
    distinct: int = pc.count_distinct(column).as_py()
    return bool(distinct <= max(2, there * DISTINCT_SHARE_MAX))
