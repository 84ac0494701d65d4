"""Rows: the facts that lie in a file, one after the other, each as a line of JSON.

NDJSON is taken as it is. A row of CSV or Parquet has the columns id, type and at, and one for each
field; a cell that is empty is a field that isn't there. Gzip and zstd are known by the file's name.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from edge.problems import Flaw
from edge.words import WHOLE, read_as
from mainstem._event import Event
from mainstem._kind import Kind
from mainstem.ports import Corrupt
from producers.disk import in_words

LINE_BYTES_MAX = 256 * 1024
CHUNK_BYTES = 1024 * 1024
ROWS_A_BATCH = 5_000
OWN = ("id", "type", "at")  # columns of every fact; all others are fields
COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
FORMATS = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
Row = bytes | Flaw


def format_of(path: Path) -> str | None:
    """By its name, which may end in .gz or .zst; None where that says nothing."""
    name = path.with_suffix("") if path.suffix in COMPRESSED else path
    return FORMATS.get(name.suffix)


def rows(path: Path, format: str, events: Mapping[str, type[Event]]) -> Iterator[Row]:
    """Every row, in order; what can't be a fact for its form alone says why. Raises Corrupt."""
    with in_words(path):
        if format == "parquet":
            yield from _parquet(path)
            return
        with _opened(path) as file:
            yield from rows_of(file, format, events, path.name)


def rows_of(
    file: IO[bytes], format: str, events: Mapping[str, type[Event]], name: str
) -> Iterator[Row]:
    """The same of what is open already, as stdin is."""
    try:
        yield from _csv(file, events, name) if format == "csv" else _lines(file)
    except OSError as no:
        if no.errno:
            raise
        raise Corrupt(f"{name}: can't be decompressed: {no}") from None


def _opened(path: Path) -> IO[bytes]:
    import pyarrow as pa

    compression = COMPRESSED.get(path.suffix)
    file: IO[bytes] = pa.input_stream(str(path), compression=compression, buffer_size=CHUNK_BYTES)
    return file


def _lines(file: IO[bytes]) -> Iterator[Row]:
    """Lines without their ends; those that hold nothing are none."""
    rest, long = b"", False
    while chunk := bytes(file.read(CHUNK_BYTES)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if long or len(line) > LINE_BYTES_MAX:
                yield _too_long()
                long = False
            elif line := line.removesuffix(b"\r"):
                yield line
        if len(rest) > LINE_BYTES_MAX:
            rest, long = b"", True  # the end of it is still to come
    if long or len(rest) > LINE_BYTES_MAX:
        yield _too_long()
    elif rest := rest.removesuffix(b"\r"):
        yield rest


def _too_long() -> Flaw:
    return Flaw("", f"has more than {LINE_BYTES_MAX} bytes")


def _csv(file: IO[bytes], events: Mapping[str, type[Event]], name: str) -> Iterator[Row]:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    kinds = {one: _kinds(kind) for one, kind in events.items()}
    try:
        reader = csv.reader(text, strict=True)
        header = _header(next(reader, []), name)
        for cells in reader:
            if cells:
                yield _row_of(header, cells, kinds)
    except UnicodeDecodeError as no:
        raise Corrupt(f"{name}: is no UTF-8: {no.reason}") from None
    except csv.Error as no:
        raise Corrupt(f"{name}: is no CSV: {no}") from None


def _header(columns: Sequence[str], name: str) -> Sequence[str]:
    missing = [one for one in ("id", "type") if one not in columns]
    if missing or len(set(columns)) != len(columns):
        why = f"{missing[0]} is missing" if missing else "one stands there twice"
        raise Corrupt(f"{name}: the first line names the columns, and {why}")
    return columns


def _row_of(
    header: Sequence[str], cells: Sequence[str], kinds: Mapping[str, Mapping[str, Kind]]
) -> Row:
    if len(cells) != len(header):
        return Flaw("", f"has {len(cells)} cells, and the first line {len(header)}")
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


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _header(file.schema_arrow.names, path.name)
            for batch in file.iter_batches(ROWS_A_BATCH):
                for row in batch.to_pylist():
                    yield _of_columns(row)
    except (pa.ArrowException, ValueError) as no:  # such as moments finer than Python's
        raise Corrupt(f"{path.name}: is no Parquet that can be read: {no}") from None


def _of_columns(row: Mapping[str, Any]) -> Row:
    said = {name: _plain(value) for name, value in row.items() if value is not None}
    data = {name: value for name, value in said.items() if name not in OWN}
    try:
        return _encoded({**{name: said[name] for name in OWN if name in said}, "data": data})
    except TypeError as no:
        return Flaw("", f"has a cell that no field can hold: {no}")


def _encoded(said: Mapping[str, Any]) -> bytes:
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
