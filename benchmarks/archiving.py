"""The archive beside the layout that Firehose writes: size, what questions read, and how fast."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import duckdb

from archive.asking import Asking
from archive.duck import parquet
from archive.places import TABLES
from archive.table import Catalog
from archive.verify import verified
from benchmarks.history import ORDERS
from benchmarks.measure import ROOT, Figure, Result, Target, ratio
from benchmarks.raws import laid_out

EVENTS_MIN = 2_000  # fewer have no day that is full
SIZE_MAX = 0.40
READ_MAX = {"one history": 1 / 100, "one sum": 1 / 40, "last states": 1 / 10}
COMPACTED_MIN, VERIFIED_MIN = 400_000, 1_000_000
TODAY = "2027-01-01"
DOMAINS = {"orders": ORDERS}
COMPACTS = """
import json, resource, sys, time
from pathlib import Path
import duckdb, pyiceberg.catalog.sql, pyarrow.parquet
from archive.compact import Compactor
from benchmarks.history import ORDERS
began, cpu = time.perf_counter(), time.process_time()
run = Compactor(Path(sys.argv[1]), {"orders": ORDERS}).run("2026-01-01")
many = sum(one.events for one in run)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([many, seconds, time.process_time() - cpu, peak]))
"""


@dataclass(frozen=True)
class Layouts:
    """The same events, laid out in three ways."""

    archive: Path
    firehose: Path
    lines: Path
    events: int
    compacted: tuple[int, float, float, int]  # events, seconds, seconds of the processor, bytes


@contextmanager
def _laid_out(events: int, days: int) -> Iterator[Layouts]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        archive, firehose, lines = (folder / name for name in ("archive", "firehose", "lines"))
        many = laid_out(archive, firehose, lines, max(events, EVENTS_MIN), days)
        said = subprocess.run(
            [sys.executable, "-c", COMPACTS, archive], check=True, stdout=subprocess.PIPE, cwd=ROOT
        ).stdout
        yield Layouts(archive, firehose, lines, many, tuple(json.loads(said)))


def size(events: int, _: int) -> Result:
    """Bytes an event."""
    with _laid_out(events, 5) as at:
        ours = _bytes(at.archive / TABLES / "orders_events" / "data") / at.events
        theirs = _bytes(at.firehose) / at.events
        zipped = len(gzip.compress(at.lines.read_bytes(), 6)) / at.events
    return Result(
        name="archive_size",
        title=f"{at.events:,} events, compacted hour by hour's object, a run a day",
        unit="bytes an event",
        figures=(
            Figure("Mainstem", ours),
            Figure("Parquet as Firehose writes it (snappy, JSON text)", theirs),
            Figure("gzip JSON lines", zipped),
        ),
        targets=(Target("of Firehose's", ratio(ours, theirs), SIZE_MAX),),
    )


def reading(events: int, runs: int) -> Result:
    """What is read for a question, and how much work it is."""
    with _laid_out(events, 10) as at:
        asking = Asking(at.archive, DOMAINS)
        found = dict(_questions(at, asking, runs))
    figures, targets = list[Figure](), list[Target]()
    for name, (ours, theirs) in found.items():
        figures += [Figure(f"{name}: {who}, MB read", read / 1e6) for who, (read, _) in
                    (("Mainstem", ours), ("Firehose's layout", theirs))]  # fmt: skip
        targets.append(Target(f"{name}: of the bytes", ratio(ours[0], theirs[0]), READ_MAX[name]))
    notes = [
        f"{name}: {ours[1]:.0f} ms of the processor, Firehose's layout {theirs[1]:.0f} ms"
        for name, (ours, theirs) in found.items()
    ]
    return Result(
        name="archive_reading",
        title=f"questions to {at.events:,} events, planning included",
        unit="MB",
        figures=tuple(figures),
        targets=tuple(targets),
        notes=tuple(notes),
    )


Read = tuple[float, float]  # bytes, and milliseconds of the processor


def _questions(at: Layouts, asking: Asking, runs: int) -> Iterator[tuple[str, tuple[Read, Read]]]:
    files = parquet(sorted(at.firehose.glob("*.parquet")))
    id = asking.table("SELECT min(id) AS id FROM orders_events").to_pylist()[0]["id"]
    pairs = {
        "one history": (
            "",
            f"FROM {files} WHERE id = '{id}' ORDER BY \"version\"",
        ),
        "one sum": (
            "SELECT sum(amount_cents) FROM orders_events",
            f"SELECT sum(CAST(data->>'$.amount_cents' AS BIGINT)) FROM {files}",
        ),
        "last states": (
            'SELECT id, max("version"), arg_max(type, "version") FROM orders_events GROUP BY id',
            f"SELECT id, max(version), arg_max(type, version), max(data) FROM {files} GROUP BY id",
        ),
    }
    one = partial(asking.history, ORDERS, "main", id)
    for name, (ours, theirs) in pairs.items():
        yield (
            name,
            (
                _read(partial(asking.table, ours) if ours else one, runs),
                _read(partial(_plainly, theirs), runs),
            ),
        )


def _plainly(question: str) -> None:
    with duckdb.connect() as connection:
        connection.sql(question).to_arrow_table()


def _read(ask: Callable[[], object], runs: int) -> Read:
    """Whatever the process reads, from its caches or not; the first time is a warm-up."""
    ask()
    found = []
    for _ in range(runs):
        before, began = _io(), time.process_time()
        ask()
        found.append((_io() - before, (time.process_time() - began) * 1e3))
    return median(one for one, _ in found), median(one for _, one in found)


def _io() -> int:
    """Bytes that this process has asked files for. Linux alone says so."""
    said = Path("/proc/self/io").read_text("ascii")
    return int(said.split("rchar: ")[1].split()[0])


def compacting(events: int, runs: int) -> Result:
    """Events a second, and the most memory."""
    with _laid_out(events, 1) as at:
        many, seconds, cpu, peak = at.compacted
        checked = list[float]()
        for _ in range(runs):
            began = time.perf_counter()
            catalog = Catalog(at.archive)
            assert verified(at.archive, ORDERS, catalog).findings == ()
            catalog.close()
            checked.append(time.perf_counter() - began)
    rate, verify = many / seconds, many / median(checked)
    return Result(
        name="compacting",
        title=f"{many:,} events of raw objects, an hour each, into a table; and verified",
        unit="events/s",
        figures=(Figure("compacted", rate), Figure("verified", verify)),
        targets=(
            Target("compacted, events/s", rate, COMPACTED_MIN, at_least=True),
            Target("verified, events/s", verify, VERIFIED_MIN, at_least=True),
        ),
        notes=(
            f"compaction takes {cpu * 1e6 / many:.2f} µs of the processor an event",
            f"compaction takes {peak / 1e6:.0f} MB at most, with all that it imports",
        ),
    )


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))
