"""A million events of every domain, by every evaluator here and by Spark; and a million orders.

These are folded by the whole job, as a cluster runs it, and by DuckDB; a sample in Python.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb
import msgspec
import pyarrow.parquet as pq
import pytest

from benchmarks.history import ORDERS, archive
from benchmarks.orders import Basket, Order
from mainstem import State
from mainstem._same import same
from mainstem.folding import Folding
from mainstem.sql import select
from replay.spark import Job, run
from tests.agreement import million
from tests.spark.engine import Row, by, rows_in

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.usefixtures("spark")]

EVENTS = 1_010_000  # asked for: about so many come
SAMPLE = "00"  # what ids begin with, of which there are 256
encode = msgspec.json.Encoder().encode


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = archive(tmp_path_factory.mktemp("orders"), EVENTS)
    assert pq.read_metadata(path).num_rows >= 1_000_000
    return path


@pytest.mark.parametrize("view", [Order, Basket])
def test_a_million_events_are_the_same_rows(
    view: type[State], events: Path, tmp_path: Path
) -> None:
    made = run(Job(view, ORDERS, [events], tmp_path), by())
    rows = rows_in(tmp_path / "rows", view)
    assert made.rows == len(rows)
    assert digest(rows) == digest(by_duckdb(view, events))
    sample = [row for row in rows if row["id"].startswith(SAMPLE)]
    assert same(sample, incrementally(view, events))


def test_a_million_events_of_every_domain_are_the_same_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = million.agreed(tmp_path, million.EVENTS, 0, ["spark"])
    with capsys.disabled():
        sys.stdout.write(f"\n{found.text}\n")
    assert found.events >= million.EVENTS
    assert not found.wrong, "\n\n".join(found.wrong)


def digest(rows: Iterable[Row]) -> str:
    found = hashlib.sha256()
    for row in rows:
        found.update(encode(row) + b"\n")
    return found.hexdigest()


def by_duckdb(view: type[State], events: Path) -> list[Row]:
    with duckdb.connect() as duck:
        duck.read_parquet(str(events)).create_view("orders_events")
        found = duck.sql(f"FROM ({select(view)}) ORDER BY tenant, id").to_arrow_table()
    rows: list[Row] = found.to_pylist(maps_as_pydicts="strict")
    return rows


def incrementally(view: type[State], events: Path) -> list[Row]:
    found: dict[tuple[str, str], Folding] = {}
    within = [("id", ">=", SAMPLE), ("id", "<", SAMPLE + "g")]  # no digit of an id is as high
    for record in pq.read_table(events, filters=within).to_pylist():
        folding = found.setdefault((record["tenant"], record["id"]), Folding(view))
        assert folding.advance(record["type"], record)
    return [
        row
        for (tenant, id), one in sorted(found.items())
        for row in one.finished(tenant=tenant, id=id)
    ]
