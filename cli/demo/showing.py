"""What the demo leaves to look at: a chart of what it measured, and the page of its diff."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cli.demo.archiving import Archived
from cli.demo.comparing import Compared
from cli.demo.picture import Bar, Panel, chart

CHART, PAGE = "rebuild.svg", "diff.html"


def drawn(folder: Path, archived: Archived, compared: Compared) -> None:
    """The chart, with the numbers that are told."""
    title = f"{archived.events:,} events, archived and folded again"
    panels = [
        Panel("Bytes an event", list(_sizes(archived))),
        Panel("Events a second, folded into rows", list(_rates(compared))),
    ]
    (folder / CHART).write_text(chart(title, panels, list(_notes(compared))), "utf-8")


def _sizes(found: Archived) -> Iterator[Bar]:
    for name, size in (("as JSON lines", found.plain), ("as gzip JSON lines", found.zipped)):
        yield Bar(name, size, f"{size / found.events:.1f}")
    yield Bar("in the archive, as Parquet", found.bytes, f"{found.bytes / found.events:.1f}", True)


def _rates(found: Compared) -> Iterator[Bar]:
    slow, quick = (found.events / took for took in (found.one_by_one_s, found.sql_s))
    yield Bar("one by one in Python, from the feed", slow, f"{slow:,.0f}")
    name = f"by SQL, from the archive: {found.times:.1f} times as many"
    yield Bar(name, quick, f"{quick:,.0f}", True)


def _notes(found: Compared) -> Iterator[str]:
    yield (
        f"{found.view}: {found.events:,} facts into the same {found.rows:,} rows, "
        f"by SQL in {found.sql_s:.2f} s, one by one in {found.one_by_one_s:.2f} s; "
        f"a whole rebuild took {found.rebuilt_s:.1f} s"
    )
    yield f"one run of make demo, {datetime.now(UTC):%Y-%m-%d}, {machine()}"


def machine() -> str:
    """What this runs on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"Python {platform.python_version()}"
    )
