"""Rows of files: the same facts, whichever way they are written down."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from edge.problems import Flaw
from mainstem.ports import Corrupt, Unavailable
from mainstem.protocol.ingest import Fact
from producers import rows as reading
from producers.files import file_at, format_of
from producers.rows import Row, Unread, rows_of
from producers.taking import Taker
from tests.protocol.plant import domains

CLICKS = domains()["clicks"]
TAKER = Taker(CLICKS, "main", "shop")
NOW = 1_800_000_000_000_000
LOOKS: list[dict[str, Any]] = [
    {"id": "eve", "type": "Viewed", "at": 1_780_329_600_000_000, "data": {"page": "/tea", "ms": 9}},
    {"id": 'é,"x', "type": "Purchased", "data": {"product": "pot", "cents": -900, "order": "7"}},
]


def ndjson(path: Path) -> None:
    path.write_bytes(b"".join(json.dumps(one).encode() + b"\n" for one in LOOKS))


def zipped(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        file.write(b"\r\n".join(json.dumps(one).encode() for one in LOOKS))


def pressed(path: Path) -> None:
    with pa.output_stream(str(path), compression="zstd") as file:
        file.write(b"\n\n".join(json.dumps(one).encode() for one in LOOKS))


def table(path: Path) -> None:
    path.write_text(
        "id,type,at,page,ms,product,cents,order\n"
        "eve,Viewed,2026-06-01T16:00:00Z,/tea,9,,,\n"
        '"é,""x",Purchased,,,,pot,-900,7\n', "utf-8",
    )  # fmt: skip


def columns(path: Path) -> None:
    flat = [
        {"at": None, **{k: v for k, v in one.items() if k != "data"}, **one["data"]}
        for one in LOOKS
    ]
    flat[0]["at"] = datetime(2026, 6, 1, 16, tzinfo=UTC)
    names = ("id", "type", "at", "page", "ms", "product", "cents", "order")
    pq.write_table(pa.table({name: [one.get(name) for one in flat] for name in names}), path)


def rows(path: Path, format: str) -> list[Row]:
    file = file_at(path, format)
    with file.opened() as opened:
        return list(rows_of(opened, format, CLICKS.events, path.name))


def taken(found: list[Row]) -> list[Fact | Flaw]:
    return [one.flaw if isinstance(one, Unread) else TAKER.take(one, NOW) for _, one in found]


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.ndjson", ndjson), ("a.jsonl.gz", zipped), ("a.ndjson.zst", pressed), ("a.csv", table),
        ("a.parquet", columns),
    ],
)  # fmt: skip
def test_the_same_facts_are_read_from_every_form(tmp_path: Path, name: str, write: Any) -> None:
    path = tmp_path / name
    write(path)
    format = format_of(path)
    assert format is not None
    found = taken(rows(path, format))
    assert found == [TAKER.take(json.dumps(one).encode(), NOW) for one in LOOKS]


def test_a_name_that_says_nothing_has_no_form() -> None:
    assert format_of(Path("facts.txt")) is None
    assert format_of(Path("facts.gz")) is None


@pytest.mark.parametrize("size", [1, 7, 64])
def test_lines_are_whole_however_the_file_is_cut(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_BYTES", size)
    monkeypatch.setattr(reading, "LINE_BYTES_MAX", 10)
    text = b"one\n\ntwo\r\n" + b"x" * 11 + b"\n" + b"y" * 100 + b"\n0123456789\nend"
    found = list(rows_of(io.BytesIO(text), "ndjson", {}, "stdin"))
    long = Flaw("", "has more than 10 bytes")
    assert found == [
        (1, b"one"), (3, b"two"), (4, Unread(long, b"x" * 10)), (5, Unread(long, b"y" * 10)),
        (6, b"0123456789"), (7, b"end"),
    ]  # fmt: skip


def test_cells_that_are_not_what_their_field_is_are_told_of_by_its_name() -> None:
    text = b"id,type,page,ms\neve,Viewed,/tea,soon\neve,Viewed,/tea\neve,Viewed,/tea,5\n"
    found = taken(list(rows_of(io.BytesIO(text), "csv", CLICKS.events, "stdin")))
    assert found[0] == Flaw("/data/ms", "is a whole number")
    assert found[1] == Flaw("", "has 3 cells, and the first line 4")
    assert isinstance(found[2], Fact)


@pytest.mark.parametrize("cell", ["nan", "inf", "9" * 20, "9" * 5_000, "1e3", "٣"])
def test_no_cell_becomes_something_else_on_its_way(cell: str) -> None:
    text = f"id,type,page,ms\neve,Viewed,/tea,{cell}\n".encode()
    (found,) = taken(list(rows_of(io.BytesIO(text), "csv", CLICKS.events, "stdin")))
    assert isinstance(found, Flaw)
    assert found.at == "/data/ms"


NO_JSON = "has a cell that no field can hold: Object of type {} is not JSON serializable"


@pytest.mark.parametrize(
    ("value", "flaw"),
    [
        (float("nan"), Flaw("/data/ms", "is NaN, which is no number in JSON")),
        (b"nine", Flaw("", NO_JSON.format("bytes"))),
        (timedelta(1), Flaw("", NO_JSON.format("timedelta"))),
        (Decimal("9.00"), None),
    ],
)
def test_a_column_of_another_kind_is_told_of_and_never_bent(
    tmp_path: Path, value: Any, flaw: Flaw | None
) -> None:
    path = tmp_path / "a.parquet"
    row = {"id": ["eve"], "type": ["Viewed"], "page": ["/tea"], "ms": [value]}
    pq.write_table(pa.table(row), path)
    (found,) = taken(rows(path, "parquet"))
    assert found == flaw or (flaw is None and isinstance(found, Fact))


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.csv", b"id,page\neve,/tea\n", "names the columns, and type is missing"),
        ("a.csv", b"id,type,id\n", "names the columns, and one stands there twice"),
        ("a.csv", b"id,type\n\xff,Viewed\n", "is no UTF-8"),
        ("a.csv", b'id,type\n"eve,Viewed\n', "is no CSV"),
        ("a.parquet", b"PAR1 no", "is no Parquet that can be read"),
        ("a.ndjson.gz", b"\x1f\x8b\x08 no", "can't be decompressed"),
        ("a.csv.gz", b"\x1f\x8b\x08 no", "can't be decompressed"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(
    tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    format = format_of(path)
    assert format is not None
    with pytest.raises(Corrupt, match=f"^{name}: .*{why}"):
        rows(path, format)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name, format in (("a.ndjson", "ndjson"), ("a.parquet", "parquet")):
        with pytest.raises(Unavailable, match=name):
            rows(tmp_path / name, format)


def test_rows_are_numbered_as_whoever_opens_the_file_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('id,type,page,ms\neve,Viewed,"/a\nb",1\n\nann,Viewed,/c,2\n', "utf-8")
    assert [number for number, _ in rows(path, "csv")] == [2, 4]
    table = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["eve"] * 7, "type": ["Viewed"] * 7}), table, row_group_size=3)
    assert [number for number, _ in rows(table, "parquet")] == [1, 2, 3, 4, 5, 6, 7]


def test_a_cell_that_is_too_large_says_behind_which_row() -> None:
    text = b"id,type,page,ms\neve,Viewed,/tea,1\neve,Viewed," + b"x" * 300_000 + b",2\n"
    with pytest.raises(Corrupt, match="is no CSV after row 2: field larger than field limit"):
        list(rows_of(io.BytesIO(text), "csv", CLICKS.events, "stdin"))
