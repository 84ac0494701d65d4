"""Whether fifty days of archive cost more than one: planning, an hour's compaction, a history."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

from archive.asking import Asking
from archive.compact import Compactor
from archive.places import day_of, hour_of
from archive.raw import write
from archive.table import Catalog, files_of
from benchmarks.history import ORDERS, arriving
from benchmarks.measure import Figure, Result, Target, ratio
from benchmarks.picture import lines
from benchmarks.raws import DAY_US, FIRST_US, as_table
from mainstem.envelope import Envelope

DAYS, HOURS = 50, 24
HOUR_US = DAY_US // HOURS
MEASURED = (1, 2, 5, 10, 20, 30, 40, 50)
TIMES_MAX = 1.5
DOMAINS = {"orders": ORDERS}
PICTURE = Path(__file__).parents[1] / "docs" / "archive-growth.svg"


class Took(NamedTuple):
    """Milliseconds, after so many days."""

    days: int
    plan: float
    hour: float
    history: float


def run(events: int, runs: int, picture: Path | None = None) -> Result:
    with tempfile.TemporaryDirectory() as place:
        took = list(_days(Path(place), max(events // (DAYS + 1), DAYS), runs))
    first, last = took[0], took[-1]
    if picture is not None:
        picture.write_text(drawn(took), "utf-8")
    names = ("plan", "an hour's compaction", "one history")
    pairs = list(zip(names, first[1:], last[1:], strict=True))
    return Result(
        name="archive_growth",
        title=f"an archive of 1 day and of {last.days}, {events:,} events",
        unit="ms",
        figures=tuple(
            Figure(f"{name}, {days}", value)
            for name, *values in pairs
            for days, value in zip(("1 day", f"{last.days} days"), values, strict=True)
        ),
        targets=tuple(
            Target(f"{name}: times as long", ratio(after, before), TIMES_MAX)
            for name, before, after in pairs
        ),
    )


def _days(archive: Path, a_day: int, runs: int) -> Iterator[Took]:
    """Day after day; of some, what it takes then. Each measured hour is one more of that day."""
    events = arriving((DAYS + 2) * a_day)
    id = ""
    for day in range(1, DAYS + 1):
        some = list(islice(events, a_day))
        id = id or some[0].id
        began = FIRST_US + day * DAY_US
        for hour in range(HOURS):
            _arrive(archive, some[hour::HOURS], began + hour * HOUR_US)
        _compact(archive, day_of(began + DAY_US))
        if day in MEASURED:
            compaction = partial(_hour, archive, events, a_day // HOURS, began + DAY_US)
            plan, history = partial(_plan, archive), partial(_history, archive, id)
            yield Took(
                day,
                _median(plan, 10 * runs),  # of few milliseconds
                _median(compaction, runs),
                _median(history, 4 * runs),
            )


def _arrive(archive: Path, some: list[Envelope], at: int) -> None:
    if some:
        write(archive, hour_of(at), as_table([(at + n, one) for n, one in enumerate(some)]))


def _compact(archive: Path, today: str) -> None:
    for _ in Compactor(archive, DOMAINS).run(today):
        pass


def _plan(archive: Path) -> float:
    began = time.perf_counter()
    catalog = Catalog(archive)
    table = catalog.table("orders")
    assert table is not None
    files_of(table)
    catalog.close()
    return time.perf_counter() - began


def _hour(archive: Path, events: Iterator[Envelope], many: int, at: int) -> float:
    """Only what compaction itself takes; the object lies there before."""
    _arrive(archive, list(islice(events, max(1, many))), at)
    began = time.perf_counter()
    _compact(archive, day_of(at))
    return time.perf_counter() - began


def _history(archive: Path, id: str) -> float:
    began = time.perf_counter()
    assert Asking(archive, DOMAINS).history(ORDERS, "main", id).num_rows
    return time.perf_counter() - began


def _median(take: Callable[[], float], runs: int) -> float:
    return median(take() for _ in range(max(runs, 3))) * 1e3


def drawn(took: list[Took]) -> str:
    """A picture of it."""
    days = [one.days for one in took]
    series = {
        "plan": [one.plan for one in took],
        "an hour's compaction": [one.hour for one in took],
        "one history": [one.history for one in took],
    }
    return lines("An archive of 1 to 50 days", "days of data", "ms", days, series)


if __name__ == "__main__":
    run(1_000_000, 5, PICTURE)
