"""`python -m benchmarks`: every benchmark, its peers beside it, and whether targets are met."""

from __future__ import annotations

import argparse
import json
import platform
import sqlite3
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from benchmarks import (
    archive_growth,
    archiving,
    columnar,
    committing,
    consuming,
    decoding,
    end_to_end,
    first_answer,
    freshness,
    growth,
    incremental,
    ingesting,
    memory,
    memory_up,
    reading,
    rebuilding,
    rebuilding_spark,
    starting,
)
from benchmarks.measure import RUNS, Result, ratio

BENCHMARKS: dict[str, Callable[[int, int], Result]] = {
    "incremental": incremental.run,
    "columnar": columnar.run,
    "decoding": decoding.run,
    "starting": starting.run,
    "memory": memory.run,
    "committing": committing.run,
    "growth": growth.run,
    "consuming": consuming.run,
    "freshness": freshness.run,
    "reading": reading.run,
    "first_answer": first_answer.run,
    "memory_up": memory_up.run,
    "archive_size": archiving.size,
    "archive_reading": archiving.reading,
    "compacting": archiving.compacting,
    "archive_growth": archive_growth.run,
    "rebuilding": rebuilding.run,
    "rebuilding_large": rebuilding.large,
    "rebuilding_spark": rebuilding_spark.run,
    "end_to_end": end_to_end.run,
    "ingesting": ingesting.run,
}
PACKAGES = (
    "aiokpl", "async-kinesis", "boto3", "duckdb", "eventsourcing", "msgspec", "pyarrow", "pydantic",
    "starlette", "uvicorn",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark alone")
    parser.add_argument("--events", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="medians are of N")
    parser.add_argument("--json", action="store_true", help="one JSON object for each benchmark")
    asked = parser.parse_args(arguments)
    if not asked.json:
        print(surroundings())
    for name in [asked.only] if asked.only else BENCHMARKS:
        result = BENCHMARKS[name](asked.events, asked.runs)
        print(as_json(result) if asked.json else f"\n{as_table(result)}", flush=True)


def surroundings() -> str:
    found = [f"{platform.system()} {platform.machine()}", f"Python {platform.python_version()}"]
    found.append(f"SQLite {sqlite3.sqlite_version}")
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} missing")
    return ", ".join(found)


def as_table(result: Result) -> str:
    """Figures, each with its ratio to the first; then the targets."""
    width = max((len(one.name) for one in result.figures), default=0)
    lines = [f"{result.name}: {result.title}, {result.unit}"]
    for one in result.figures:
        times = ratio(one.value, result.figures[0].value)
        lines.append(f"  {one.name:<{width}}  {_number(one.value):>7}  {_number(times):>6}x")
    for target in result.targets:
        verdict = "met" if target.met else "NOT MET"
        bound = "at least" if target.at_least else "at most"
        lines.append(
            f"  {verdict:<7}  {target.text}: {_number(target.found)}, {bound} {target.limit}"
        )
    return "\n".join([*lines, *(f"  note: {note}" for note in result.notes)])


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def as_json(result: Result) -> str:
    targets = [{**asdict(target), "met": target.met} for target in result.targets]
    return json.dumps({**asdict(result), "targets": targets}, ensure_ascii=False)


if __name__ == "__main__":
    main()
