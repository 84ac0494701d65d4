"""An answer as JSON and in files: part by part, and whole before a file has its name."""

from __future__ import annotations

import base64
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge.disk import in_words

if TYPE_CHECKING:
    import pyarrow as pa


def plain(value: Any) -> Any:
    """As JSON has it: maps as objects; what JSON has no word for, as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list):
        if value and all(isinstance(one, tuple) for one in value):  # a map, as Arrow has it
            return {str(name): plain(one) for name, one in value}
        return [plain(one) for one in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def written(reader: pa.RecordBatchReader, to: Path) -> int:
    """How many rows there are."""
    with in_words(to):
        draft = to.with_name(f".{to.name}.new")
        try:
            rows = _drained(reader, draft, to.suffix)
            draft.replace(to)
        finally:
            draft.unlink(missing_ok=True)
    return rows


def _drained(reader: pa.RecordBatchReader, draft: Path, suffix: str) -> int:
    flat = suffix == ".csv"
    rows, schema = 0, _flat_schema(reader.schema) if flat else reader.schema
    with _writer(draft, suffix, schema) as writer:
        for batch in reader:
            writer.write_batch(_flat(batch, schema) if flat else batch)
            rows += batch.num_rows
    return rows


def _flat_schema(schema: pa.Schema) -> pa.Schema:
    """A cell holds no list: it is JSON there."""
    import pyarrow as pa

    return pa.schema([(one.name, pa.string() if _nested(one.type) else one.type) for one in schema])


def _flat(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [
        pa.array(map(_json, column.to_pylist()), pa.string()) if _nested(column.type) else column
        for column in batch.columns
    ]
    return pa.record_batch(columns, schema=schema)


def _nested(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_nested(kind) or pa.types.is_interval(kind))


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(plain(value), ensure_ascii=False)


def _writer(path: Path, suffix: str, schema: pa.Schema) -> Any:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    match suffix:
        case ".parquet":
            return pq.ParquetWriter(path, schema, compression="zstd")
        case ".csv":
            return pa.csv.CSVWriter(path, schema)
        case _:
            return pa.ipc.new_file(path, schema)
