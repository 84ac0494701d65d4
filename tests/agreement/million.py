"""`python -m tests.agreement.million`: a million events of every domain, by every evaluator here.

Each writes each view's rows as lines, and what they hash to must be the same. Spark and Trino read
the very files that the archive would hold; they take part where `make spark` and `make trino` have
brought them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import duckdb

from mainstem.folding import rows_of
from mainstem.sql.duck import run
from tests.agreement.hashed import Row, difference, digest, put
from tests.agreement.parts import Part, parts
from tests.spark import engine as spark
from tests.spark.engine import Asked, archived
from tests.trino import engine as trino
from tests.trino import fetch

EVENTS = 1_000_000
HERE = ("incremental", "duckdb")  # need nothing but ourselves
Engine = Callable[[Path, Sequence[Asked]], Iterable[Sequence[Row] | str]]


class Elsewhere(NamedTuple):
    """An evaluator that may be missing, and why it is."""

    answers: Engine
    missing: Callable[[], str]


ENGINES: Mapping[str, Elsewhere] = {
    "spark": Elsewhere(spark.answers, spark.missing),
    "trino": Elsewhere(trino.folded, fetch.missing),
}


class Folded(NamedTuple):
    """One part, folded here: its files, and how much it is."""

    name: str
    files: list[Path]
    events: int
    aggregates: int
    rows: dict[str, int]  # by view


class Agreed(NamedTuple):
    """What was compared, and what is wrong."""

    text: str
    events: int
    wrong: list[str]


def agreed(folder: Path, events: int, seed: int, engines: Iterable[str]) -> Agreed:
    """At least so many events, folded by the evaluators here and by these engines."""
    every, each = parts(), -(-events // len(parts()))
    with ProcessPoolExecutor() as pool:
        found = [*pool.map(folded, every, repeat(folder), repeat(each), repeat(seed))]
    wrong = [no for engine in engines for no in _by(engine, folder, found, every)]
    who = [*HERE, *engines]
    for one in found:
        for view in one.rows:
            said = {name: _lines(folder, one.name, view, name) for name in who}
            there = {name: path for name, path in said.items() if path.exists()}
            if no := difference(there):
                wrong.append(f"{one.name}.{view} {no}")
    total = sum(one.events for one in found)
    return Agreed("\n".join([_summary(found, who), *_told(folder, found, every)]), total, wrong)


def folded(name: str, folder: Path, events: int, seed: int) -> Folded:
    """One part: made, archived, and folded by the evaluators that need nothing but ourselves."""
    part = parts()[name]
    made = part.events(events, seed)
    files = archived(folder / name, part.domain, made)
    rows = dict[str, int]()
    with duckdb.connect() as duck:
        duck.execute("set threads = 1")
        duck.read_parquet([*map(str, files)]).create_view(f"{part.domain.name}_events")
        for view, state in part.views.items():
            found = rows_of(state, part.domain, made)
            rows[view] = put(_lines(folder, name, view, "incremental"), found)
            put(_lines(folder, name, view, "duckdb"), run(duck, state))
    return Folded(name, files, len(made), len({(one.tenant, one.id) for one in made}), rows)


def _by(engine: str, folder: Path, found: list[Folded], every: Mapping[str, Part]) -> list[str]:
    """Writes what one engine says, and gives what it could not say."""
    asked = {
        (one.name, view): Asked(every[one.name].views[view], every[one.name].domain, one.files)
        for one in found
        for view in one.rows
    }
    wrong = []
    answers = ENGINES[engine].answers(folder, [*asked.values()])
    for (name, view), rows in zip(asked, answers, strict=True):
        if isinstance(rows, str):
            wrong.append(f"{name}.{view} {engine}: {rows}")
        else:
            put(_lines(folder, name, view, engine), rows)
    return wrong


def _lines(folder: Path, part: str, view: str, evaluator: str) -> Path:
    return folder / f"{part}.{view}.{evaluator}.lines"


def _summary(found: Sequence[Folded], who: Sequence[str]) -> str:
    views, rows = sum(len(one.rows) for one in found), sum(sum(one.rows.values()) for one in found)
    return (
        f"{sum(one.events for one in found):,} events of {sum(one.aggregates for one in found):,}"
        f" aggregates, {views} views, {rows:,} rows, by {', '.join(who)}"
    )


def _told(folder: Path, found: Sequence[Folded], every: Mapping[str, Part]) -> Iterable[str]:
    """Each view, its rows, and what the incremental ones hash to."""
    for one in found:
        yield f"  {one.name}: {one.events:,} events of {one.aggregates:,} aggregates"
        for view, rows in one.rows.items():
            hashed = digest(_lines(folder, one.name, view, HERE[0]))
            yield f"    {view:<16}{rows:>9,} rows  {hashed[:16]}"
        for view in every[one.name].only_python:
            yield f"    {view:<16} has a fold(), which is folded in Python only"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began, engines = time.monotonic(), list[str]()
    for name, engine in ENGINES.items():
        if no := engine.missing():
            sys.stderr.write(f"without {name}: {no}\n")
        else:
            engines.append(name)
    with tempfile.TemporaryDirectory() as folder:
        found = agreed(Path(folder), asked.events, asked.seed, engines)
    sys.stdout.write("\n".join([found.text, *found.wrong]) + "\n")
    verdict = f"{len(found.wrong)} differ" if found.wrong else "all agree"
    sys.stdout.write(f"{verdict}, after {time.monotonic() - began:.0f} s\n")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
