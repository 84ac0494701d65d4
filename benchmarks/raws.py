"""Raw objects of orders, an object an hour, as they arrive; and the layout of Firehose beside."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from archive.places import hour_of
from archive.raw import SCHEMA, SEQUENCE_DIGITS, write
from benchmarks.history import arriving
from mainstem.envelope import Envelope

SHARDS = 4


ROWS_A_FIREHOSE_FILE = 430_000  # 128 MB of JSON, as Firehose gathers
FIRST_US, DAY_US = 1_767_225_600_000_000, 86_400_000_000
Rows = list[tuple[int, Envelope]]  # and when they came
_encode = msgspec.json.Encoder().encode


def laid_out(archive: Path, firehose: Path, lines: Path, events: int, days: int) -> int:
    """About so many events of these days: raw objects, Firehose's files, and JSON lines."""
    many, pending, pause_us = 0, list[pa.Table](), days * DAY_US // (events + events // 10)
    came = ((FIRST_US + nth * pause_us, one) for nth, one in enumerate(arriving(events)))
    with lines.open("wb") as file:
        for hour, some in groupby(came, key=lambda one: hour_of(one[0])):
            rows = list(some)
            table = as_table(rows)
            write(archive, hour, table)
            pending.append(table)
            file.writelines(_encode(one) + b"\n" for _, one in rows)
            many += len(rows)
    _as_firehose(firehose, pa.concat_tables(pending))
    return many


def as_table(rows: Rows) -> pa.Table:
    """As a raw object has it."""
    return pa.Table.from_pylist(list(_rows(rows)), schema=SCHEMA)


def _rows(rows: Rows) -> Iterator[dict[str, object]]:
    for came, one in rows:
        yield {
            "tenant": one.tenant, "domain": one.domain, "id": one.id, "version": one.version,
            "type": one.type, "schema": one.schema, "at": one.at, "by": one.by,
            "command": one.command, "data": _encode(one.data).decode(),
            "shard": f"shard-{came % SHARDS}", "sequence": f"{came:0{SEQUENCE_DIGITS}}", "index": 0,
            "arrived": came,
        }  # fmt: skip


def _as_firehose(folder: Path, table: pa.Table) -> None:
    folder.mkdir()
    for nth, start in enumerate(range(0, table.num_rows, ROWS_A_FIREHOSE_FILE)):
        part = table.slice(start, ROWS_A_FIREHOSE_FILE)
        pq.write_table(part, folder / f"{nth:04}.parquet", compression="snappy", version="1.0")
