"""Raw: events in the order in which they arrived, as Firehose writes them.

The envelope's columns, the data as JSON text, and where each stood on the feed. A file is there
once it is whole, and never changes.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from archive.places import ERRORS, RAW, hour_of
from edge.disk import in_words, synced
from mainstem._refusal import Unfit
from mainstem.bundle import Opened, domain_of, opened
from mainstem.ports import Arrived

SEQUENCE_DIGITS = 20  # sequences are compared as text; those of Kinesis are longer, all alike
SCHEMA = pa.schema(
    [
        ("tenant", pa.string()),
        ("domain", pa.string()),
        ("id", pa.string()),
        ("version", pa.int64()),
        ("type", pa.string()),
        ("schema", pa.int32()),
        ("at", pa.int64()),
        ("by", pa.string()),
        ("command", pa.string()),
        ("cause", pa.string()),
        ("correlation", pa.string()),
        ("data", pa.string()),
        ("shard", pa.string()),
        ("sequence", pa.string()),
        ("index", pa.int32()),
        ("producer", pa.string()),
        ("n", pa.int64()),
        ("arrived", pa.int64()),
    ]
)
ROWS_A_GROUP = 50_000
RECORDS_A_PART = 50
Torn = tuple[Arrived, str]  # and why
_encode = msgspec.json.Encoder().encode


def kept(archive: Path, records: Sequence[Arrived]) -> int:
    """All of these, on the disk when this returns; how many could not be read."""
    hours, torn = dict[str, list[Arrived]](), list[Torn]()
    for arrived in records:
        hours.setdefault(hour_of(arrived.at), []).append(arrived)
    for hour, some in hours.items():
        some.sort(key=lambda one: domain_of(one.key))  # whoever reads one domain skips the rest
        table = pa.concat_tables(list(_tables(some, torn)))
        if table.num_rows:
            write(archive, hour, table)
    if torn:
        _keep_errors(archive, torn)
    return len(torn)


def write(archive: Path, hour: str, table: pa.Table) -> Path:
    """One raw object, all of it or nothing."""
    return _published(
        archive / RAW / hour / f"{uuid.uuid4().hex}.parquet",
        lambda path: pq.write_table(table, path, compression="zstd", row_group_size=ROWS_A_GROUP),
    )


def _tables(some: Sequence[Arrived], torn: list[Torn]) -> Iterator[pa.Table]:
    """A few records at a time: as Python has them, events take many times their size."""
    for start in range(0, len(some), RECORDS_A_PART):
        rows = list(_rows(_read(some[start : start + RECORDS_A_PART], torn)))
        columns = map(list, zip(*rows, strict=True)) if rows else [[] for _ in SCHEMA]
        yield pa.Table.from_pydict(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def _read(some: Iterable[Arrived], torn: list[Torn]) -> Iterator[tuple[Arrived, Opened]]:
    for arrived in some:
        try:
            yield arrived, opened(arrived.key, arrived.data)
        except Unfit as no:
            torn.append((arrived, str(no)))


def _rows(some: Iterable[tuple[Arrived, Opened]]) -> Iterator[tuple[Any, ...]]:
    for arrived, (header, _, envelopes) in some:
        producer, n = header.producer or None, header.n or None
        sequence = f"{arrived.sequence:0{SEQUENCE_DIGITS}}"
        for index, one in enumerate(envelopes):
            yield (
                one.tenant, one.domain, one.id, one.version, one.type, one.schema, one.at, one.by,
                one.command, one.cause, one.correlation, _encode(one.data).decode(),
                arrived.shard, sequence, index, producer, n, arrived.at,
            )  # fmt: skip


def _keep_errors(archive: Path, torn: Sequence[Torn]) -> None:
    """Their bytes, so that whoever mends the reader finds them."""
    schema = pa.schema(
        [
            ("shard", pa.string()), ("sequence", pa.string()), ("key", pa.string()),
            ("arrived", pa.int64()), ("why", pa.string()), ("raw", pa.binary()),
        ]
    )  # fmt: skip
    rows = [
        {
            "shard": one.shard, "sequence": f"{one.sequence:0{SEQUENCE_DIGITS}}", "key": one.key,
            "arrived": one.at, "why": why, "raw": one.data,
        }
        for one, why in torn
    ]  # fmt: skip
    hour = hour_of(torn[0][0].at)
    table = pa.Table.from_pylist(rows, schema=schema)
    _published(
        archive / ERRORS / hour / f"{uuid.uuid4().hex}.parquet",
        lambda path: pq.write_table(table, path, compression="zstd"),
    )


def _published(path: Path, write: Any) -> Path:
    """Under its name only once it is whole, and on the disk."""
    with in_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        write(draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
        for folder in (path.parent, path.parent.parent, path.parent.parent.parent):
            synced(folder)
    return path
