"""From the command line to the first answer of `mainstem up`, in folders new and used."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.calling import Line
from benchmarks.measure import Result, Target, figures
from benchmarks.serving import up
from benchmarks.tickets import desk

TICKETS_MAX = 200
SECONDS_MAX = 1.5
NEW, USED = "in a new folder", "in a folder with tickets"


def run(events: int, runs: int) -> Result:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _fill(folder / "used", min(events, TICKETS_MAX))
        _answered(folder / "warm")  # compiled and in the page cache from here on
        found = {
            NEW: median(_answered(folder / f"new {n}") for n in range(runs)),
            USED: median(_answered(folder / "used") for _ in range(runs)),
        }
    return Result(
        name="first_answer",
        title="from the start of `mainstem up` to the first 200 of /hello",
        unit="seconds",
        figures=figures(found),
        targets=tuple(Target(f"seconds {name}", s, SECONDS_MAX) for name, s in found.items()),
    )


def _fill(folder: Path, tickets: int) -> None:
    with desk(folder) as opened:
        for n in range(tickets):
            opened.ask(f"t{n}", "Submit", {"title": "It burns"})


def _answered(folder: Path) -> float:
    """Seconds until somebody answered, not until they were gone again."""
    started = time.perf_counter()
    with up(folder) as served, Line(served.address) as anyone:
        assert anyone.get("/hello").status == 200
        return time.perf_counter() - started
