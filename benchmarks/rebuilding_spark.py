"""Spark beside DuckDB on one machine, with one core and two, in one part and several."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks.history import ORDERS, archive
from benchmarks.measure import ROOT, Result, Target, figures, ratio, timed
from benchmarks.orders import Basket, Order
from mainstem import View
from mainstem.ports import Unavailable
from mainstem.sql import cells
from replay.submit import submit

VIEWS: Mapping[str, type[View]] = {"scalars": Order, "and a keyed map": Basket}
CORES, PARTITIONS = (1, 2), (1, 2, 4)
SESSION = Path(__file__).with_name("spark_session.py")
FACTOR_MAX, GAIN_MIN = 8.0, 1.2


def run(events: int, runs: int) -> Result:
    with tempfile.TemporaryDirectory() as place:
        path = archive(Path(place), events)
        found = {
            _name("DuckDB", cores, what): _by_duckdb(path, view, cores, runs)
            for what, view in VIEWS.items()
            for cores in CORES
        }
        try:
            said = {cores: _by_spark(path, cores, runs) for cores in CORES}
        except Unavailable as no:
            said, missing = {}, str(no)
        else:
            missing = ""
    for cores, one in said.items():
        found |= {f"Spark, {_cores(cores)}: {name}": s for name, s in one["seconds"].items()}
    return Result(
        name="rebuilding_spark",
        title="rows in the making, by DuckDB and by Spark with a warm JVM",
        unit="seconds",
        figures=figures(found),
        targets=tuple(_targets(found)) if said else (),
        notes=tuple(_notes(said)) if said else (missing,),
    )


def _by_duckdb(path: Path, view: type[View], cores: int, runs: int) -> float:
    with duckdb.connect() as duck:
        duck.execute(f"SET threads = {cores}")
        duck.read_parquet(str(path)).create_view(f"{ORDERS.name}_events")

        def drained() -> None:
            for _ in duck.sql(cells(view)).to_arrow_reader(10_000):
                pass

        return median([timed(drained) for _ in range(runs + 1)][1:])


def _by_spark(path: Path, cores: int, runs: int) -> dict[str, Any]:
    by = submit()
    statements = [
        {
            "name": f"{what}, {_many(parts, 'part')}",
            "text": cells(view, "spark"),
            "partitions": parts,
        }
        for what, view in VIEWS.items()
        for parts in PARTITIONS
    ]
    asked = path.with_name("asked.json")
    told = {"events": str(path), "relation": f"{ORDERS.name}_events", "runs": runs}
    asked.write_text(json.dumps({**told, "statements": statements}), "utf-8")
    command = [*by.command, "--master", f"local[{cores}]", str(SESSION), str(asked)]
    done = subprocess.run(
        command, env={**by.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _targets(found: Mapping[str, float]) -> Iterator[Target]:
    """At its best number of parts."""
    for what in VIEWS:
        best = {cores: _best(found, cores, what) for cores in CORES}
        beside = ratio(best[2], found[_name("DuckDB", 2, what)])
        yield Target(f"{what}: Spark, against DuckDB", beside, FACTOR_MAX)
        gain = ratio(best[1], best[2])
        yield Target(f"{what}: Spark on two cores, against one", gain, GAIN_MIN, at_least=True)


def _best(found: Mapping[str, float], cores: int, what: str) -> float:
    begins = f"{_name('Spark', cores, what)}, "
    return min(seconds for name, seconds in found.items() if name.startswith(begins))


def _notes(said: Mapping[int, Mapping[str, Any]]) -> Iterator[str]:
    for cores, one in said.items():
        yield f"{_cores(cores)}: the first statement in a fresh JVM took {one['first']:.1f} s"


def _name(who: str, cores: int, what: str) -> str:
    return f"{who}, {_cores(cores)}: {what}"


def _cores(cores: int) -> str:
    return _many(cores, "core")


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
