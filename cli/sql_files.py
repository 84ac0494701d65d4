"""An answer in a file, part by part, however large it is; under its name once it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from edge.disk import in_words


def written(reader: pa.RecordBatchReader, to: Path) -> int:
    """How many rows there are."""
    with in_words(to):
        draft = to.with_name(f".{to.name}.new")
        try:
            rows = 0
            with _writer(draft, to.suffix, reader.schema) as writer:
                for batch in reader:
                    writer.write_batch(batch)
                    rows += batch.num_rows
            draft.replace(to)
        finally:
            draft.unlink(missing_ok=True)
    return rows


def _writer(path: Path, suffix: str, schema: pa.Schema) -> Any:
    match suffix:
        case ".parquet":
            return pq.ParquetWriter(path, schema, compression="zstd")
        case ".csv":
            return pa.csv.CSVWriter(path, schema)
        case _:
            return pa.ipc.new_file(path, schema)
