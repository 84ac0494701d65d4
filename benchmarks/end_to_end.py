"""One machine end to end: a file of facts, onto the feed, into view rows, and into the archive."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.measure import ROOT, Figure, Result, Target
from local.adapters import Adapters, adapters
from local.archiving import Archiver, compacted
from local.engine import engine
from mainstem.discovery import discover

VISITORS_SHARE = 20  # facts of each, on average
NOON_US = 1_780_315_200_000_000
IN_MIN, VIEWS_MIN = 100_000, 50_000
CLICKS = {"clicks": discover(ROOT / "domains")["clicks"]}


def run(events: int, _: int) -> Result:
    with tempfile.TemporaryDirectory() as place:
        folder, file = Path(place) / "data", Path(place) / "looks.ndjson"
        with file.open("w", encoding="utf-8") as out:
            out.writelines(_lines(events))
        words = ["ingest", "clicks", str(file), "--folder", str(folder), "--json", "--quiet"]
        words += ["--domains", str(ROOT / "domains")]
        command = [sys.executable, "-m", "cli", *words]
        said = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        took = {"in": said["seconds"], **_moved(folder)}
        size = file.stat().st_size / events
    rates = {name: events / seconds for name, seconds in took.items()}
    return Result(
        name="end_to_end",
        title=f"{events:,} facts of {size:.0f} bytes, one stage after the other",
        unit="facts/s",
        figures=(
            Figure("in: checked, stored, and published", rates["in"]),
            Figure("into the rows of three views", rates["views"]),
            Figure("into raw objects", rates["raw"]),
            Figure("into the table", rates["table"]),
        ),
        targets=(
            Target("in, facts/s", rates["in"], IN_MIN, at_least=True),
            Target("views, facts/s", rates["views"], VIEWS_MIN, at_least=True),
        ),
    )


def _moved(folder: Path) -> dict[str, float]:
    """Seconds for each of what follows."""
    ports = adapters(folder)
    try:
        running = engine(ports, CLICKS)
        return {
            "views": _timed(lambda: _drained(running.consume)),
            "raw": _timed(Archiver(ports).catch_up),
            "table": _timed(lambda: _compact(ports)),
        }
    finally:
        ports.close()


def _compact(ports: Adapters) -> None:
    compacted(ports, CLICKS)


def _drained(step: Callable[[], int]) -> None:
    while step():
        pass


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _lines(events: int) -> Iterator[str]:
    visitors = max(1, events // VISITORS_SHARE)
    for n in range(events):
        said = {"id": f"visitor-{n * 7919 % visitors}", "type": "Viewed", "at": NOON_US + n}
        page = f"/catalogue/{n % 997}/{n % 13}"
        data = {"page": page, "ms": n * 31 % 9_000, "product": f"product-{n % 500}",
                "referrer": "https://example.org/search?q=teapots&page=2"}  # fmt: skip
        yield json.dumps({**said, "data": data}) + "\n"
