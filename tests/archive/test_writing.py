"""How rows lie in files: what is read at once is not divided, and few values are told once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from archive.writing import ROWS_A_GROUP, ROWS_A_PAGE, written


def encodings(folder: Path, ids: int) -> list[set[str]]:
    """Of the ids and the sequences, where this many orders have as many rows as two groups."""
    numbers = sorted(n % ids for n in range(2 * ROWS_A_GROUP))
    rows = pa.record_batch({
        "tenant": ["main"] * len(numbers),
        "id": [f"order-{n:06}" for n in numbers],
        "sequence": [f"{n:020}" for n in range(len(numbers))],
    })  # fmt: skip
    (path,) = written(folder, iter([rows]))
    group = pq.read_metadata(path).row_group(1)
    return [set(group.column(n).encodings) for n in (1, 2)]


def test_what_duckdb_reads_at_once_lies_on_one_page() -> None:
    found = duckdb.execute("SELECT current_setting('standard_vector_size')").fetchall()
    assert ROWS_A_PAGE % int(found[0][0]) == 0
    assert ROWS_A_GROUP % ROWS_A_PAGE == 0


def test_ids_of_which_each_has_many_rows_are_a_dictionary(tmp_path: Path) -> None:
    ids, sequences = encodings(tmp_path, ids=2_000)
    assert "RLE_DICTIONARY" in ids
    assert "DELTA_BYTE_ARRAY" in sequences


def test_ids_of_which_each_has_few_rows_are_told_by_what_they_share(tmp_path: Path) -> None:
    ids, _ = encodings(tmp_path, ids=ROWS_A_GROUP)
    assert "DELTA_BYTE_ARRAY" in ids
    assert "RLE_DICTIONARY" not in ids
