"""A view computed by DuckDB from typed Parquet, against a scan of the same file and a replay."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from os import cpu_count
from pathlib import Path

import duckdb

from benchmarks.history import ORDERS, archive, envelopes
from benchmarks.measure import Result, Target, cpu, figures, ratio
from benchmarks.orders import Basket, Order
from benchmarks.peers import MISSING, SQLITE, replays
from mainstem import View
from mainstem.folding import rows_of
from mainstem.sql import select
from mainstem.sql.duck import run as rows_in

REPLAYED_MAX = 20_000
CHECKED_MAX = 2_000
SCAN, SCALARS, MAP = "raw scan, hashed", "Mainstem: scalars", "Mainstem: and a keyed map"
READ = (
    "tenant id version at type customer channel qty price_cents note city street amount_cents tx"
).split()


def run(events: int, runs: int) -> Result:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        connection.execute(f"create view orders_events as from '{archive(Path(folder), events)}'")
        ((size,),) = connection.execute("select count(*) from orders_events").fetchall()
        _agree(connection, min(events, CHECKED_MAX))
        found = _evaluated(connection, size, runs)
    replayed = _replayed(min(events, REPLAYED_MAX), runs)
    return Result(
        name="columnar",
        title=f"{len(Order.__columns__)} columns in DuckDB from typed Parquet ({size:,} events)",
        unit="CPU µs per event",
        figures=figures({**found, **replayed}),
        targets=tuple(_targets(found, replayed)),
        notes=() if replayed else (MISSING,),
    )


def _evaluated(connection: duckdb.DuckDBPyConnection, events: int, runs: int) -> dict[str, float]:
    """On one thread, as the peers; then on all, which share caches and so take more of each."""
    statements = {
        SCAN: _hashed(READ, "orders_events"),
        SCALARS: _hashed(_shown(Order), f"({select(Order)})"),
        MAP: _hashed(_shown(Basket), f"({select(Basket)})"),
    }
    found: dict[str, float] = {}
    for threads in sorted({1, cpu_count() or 1}):
        connection.execute(f"set threads = {threads}")
        where = "" if threads == 1 else f" ({threads} threads)"
        evaluated = {n + where: partial(_drained, connection, s) for n, s in statements.items()}
        found |= cpu(evaluated, events, runs)
    return found


def _drained(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    connection.execute(statement).fetchall()


def _hashed(columns: Sequence[str], relation: str) -> str:
    """Every value is looked at, and next to nothing is kept."""
    named = ", ".join(f'"{column}"' for column in columns)
    return f"select bit_xor(hash({named})) from {relation}"


def _shown(view: type[View]) -> list[str]:
    return ["tenant", "id", "version", "changed_at", *view.__columns__]


def _replayed(events: int, runs: int) -> dict[str, float]:
    history = envelopes(events)
    replayed = {name: store.replayed for name, store in replays(history, SQLITE).items()}
    return cpu(replayed, len(history), runs)


def _targets(found: Mapping[str, float], replayed: Mapping[str, float]) -> Iterator[Target]:
    yield Target("scalars, against the raw scan", ratio(found[SCALARS], found[SCAN]), 2.5)
    for name, value in replayed.items():
        yield Target(f"{name}, against scalars", ratio(value, found[SCALARS]), 100, at_least=True)
        yield Target(f"{name}, against a map", ratio(value, found[MAP]), 30, at_least=True)


def _agree(connection: duckdb.DuckDBPyConnection, events: int) -> None:
    """Some rows are compared with the incremental ones: what is faster and wrong is no peer."""
    history = envelopes(events)
    for view in (Order, Basket):
        expected = rows_of(view, ORDERS, history)
        known = {row["id"] for row in expected}
        got = [row for row in rows_in(connection, view) if row["id"] in known]
        assert got == expected, f"{view.__name__}: DuckDB's rows differ"
