"""Rows: the facts that lie in a file, one after the other, each as a line of JSON with its number.

NDJSON is taken as it is. A row of CSV or Parquet has the columns id, type and at, and one for each
field; a cell that is empty is a field that isn't there. Numbers are those that an editor shows for
lines, and a spreadsheet for rows.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, NamedTuple

from edge.problems import Flaw
from edge.words import WHOLE, read_as
from mainstem._event import Event
from mainstem._kind import Kind
from mainstem.ports import Corrupt

LINE_BYTES_MAX = 256 * 1024
CHUNK_BYTES = 1024 * 1024
ROWS_A_BATCH = 5_000
OWN = ("id", "type", "at")  # columns of every fact; all others are fields
Events = Mapping[str, type[Event]]


class Unread(NamedTuple):
    """What can't be a fact for its form alone; as much of it as is not too long."""

    flaw: Flaw
    raw: bytes = b""


Row = tuple[int, bytes | Unread]


def rows_of(file: IO[bytes], format: str, events: Events, name: str) -> Iterator[Row]:
    """Every row, in order. Raises Corrupt, where what follows can't be told from it any more."""
    try:
        yield from _FORMATS[format](file, events, name)
    except OSError as no:
        if no.errno:
            raise
        raise Corrupt(f"{name}: can't be decompressed: {no}") from None


def _lines(file: IO[bytes], _: Events, __: str) -> Iterator[Row]:
    """Lines without their ends; those that hold nothing are counted, and are no rows."""
    number, rest, long = 0, b"", False
    while chunk := bytes(file.read(CHUNK_BYTES)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            if long or len(line) > LINE_BYTES_MAX:
                yield number, _too_long(line)
                long = False
            elif line := line.removesuffix(b"\r"):
                yield number, line
        if len(rest) > LINE_BYTES_MAX:
            rest, long = rest[:LINE_BYTES_MAX], True  # the end of it is still to come
    if long or len(rest) > LINE_BYTES_MAX:
        yield number + 1, _too_long(rest)
    elif rest := rest.removesuffix(b"\r"):
        yield number + 1, rest


def _too_long(line: bytes) -> Unread:
    return Unread(Flaw("", f"has more than {LINE_BYTES_MAX} bytes"), line[:LINE_BYTES_MAX])


def _csv(file: IO[bytes], events: Events, name: str) -> Iterator[Row]:
    csv.field_size_limit(LINE_BYTES_MAX)
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    kinds = {one: _kinds(kind) for one, kind in events.items()}
    number = 1
    try:
        reader = csv.reader(text, strict=True)
        header = _header(next(reader, []), name)
        for number, cells in enumerate(reader, 2):
            if cells:
                yield number, _row_of(header, cells, kinds)
    except UnicodeDecodeError as no:
        raise Corrupt(f"{name}: is no UTF-8 after row {number}: {no.reason}") from None
    except csv.Error as no:
        raise Corrupt(f"{name}: is no CSV after row {number}: {no}") from None
    finally:
        text.detach()  # the file is whoever's who opened it


def _header(columns: Sequence[str], name: str) -> Sequence[str]:
    missing = [one for one in ("id", "type") if one not in columns]
    if missing or len(set(columns)) != len(columns):
        why = f"{missing[0]} is missing" if missing else "one stands there twice"
        raise Corrupt(f"{name}: the first line names the columns, and {why}")
    return columns


def _row_of(
    header: Sequence[str], cells: Sequence[str], kinds: Mapping[str, Mapping[str, Kind]]
) -> bytes | Unread:
    if len(cells) != len(header):
        why = f"has {len(cells)} cells, and the first line {len(header)}"
        return Unread(Flaw("", why), _encoded(cells))
    said = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
    known = kinds.get(said.get("type", ""), {})
    at = said.get("at", "")
    own: dict[str, Any] = {name: said[name] for name in ("id", "type") if name in said}
    if at:
        own["at"] = int(at) if WHOLE.fullmatch(at) else at
    data = {name: _value(known.get(name), cell) for name, cell in said.items() if name not in OWN}
    return _encoded({**own, "data": data})


def _kinds(event: type[Event]) -> Mapping[str, Kind]:
    return {one.name: one.kind for one in event.__shape__.fields}


def _value(kind: Kind | None, cell: str) -> Any:
    if kind is None:
        return cell  # no field is called so, which whoever takes the fact will say
    return _list(cell) if kind.item is not None else read_as(kind, cell)


def _list(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _parquet(file: IO[bytes], _: Events, name: str) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    first = 1
    try:
        with pq.ParquetFile(file) as table:
            _header(table.schema_arrow.names, name)
            for batch in table.iter_batches(ROWS_A_BATCH):
                yield from enumerate(map(_of_columns, batch.to_pylist()), first)
                first += batch.num_rows
    except (pa.ArrowException, ValueError) as no:  # such as moments finer than Python's
        raise Corrupt(f"{name}: is no Parquet that can be read: {no}") from None


def _of_columns(row: Mapping[str, Any]) -> bytes | Unread:
    said = {name: _plain(value) for name, value in row.items() if value is not None}
    data = {name: value for name, value in said.items() if name not in OWN}
    try:
        return _encoded({**{name: said[name] for name in OWN if name in said}, "data": data})
    except TypeError as no:
        flaw = Flaw("", f"has a cell that no field can hold: {no}")
        return Unread(flaw, json.dumps(row, ensure_ascii=False, default=repr).encode())


def _encoded(said: Any) -> bytes:
    """By the standard library: it has no JSON of its own for bytes, times and what is no number."""
    return json.dumps(said, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """Moments as text with a zone: one without was written in UTC."""
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo else f"{value.isoformat()}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


_FORMATS = {"ndjson": _lines, "csv": _csv, "parquet": _parquet}
