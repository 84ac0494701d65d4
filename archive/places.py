"""Places: what lies where in the archive, on one machine as on S3.

raw/dt=2026-11-26/hh=04/…    every event as it was on the feed; immutable
errors/dt=…/hh=…/…           records of the feed that nobody can read
tables/…                     Iceberg: <domain>_events, and what a snapshot of it rests on;
                             <view>_rows, as rebuilds have finished them
catalog.db                   which metadata is the newest of each table
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

RAW, ERRORS, TABLES, CATALOG = "raw", "errors", "tables", "catalog.db"
SECOND_US = 1_000_000


def hour_of(at_us: int) -> str:
    """The prefix of what arrived then."""
    return f"{datetime.fromtimestamp(at_us // SECOND_US, UTC):dt=%Y-%m-%d/hh=%H}"


def day_of(at_us: int) -> str:
    """The day, as partitions have it."""
    return f"{datetime.fromtimestamp(at_us // SECOND_US, UTC):%Y-%m-%d}"


def raw_names(archive: Path) -> list[str]:
    """Every raw object, by its name below raw/, in the order of hours."""
    raw, found = str(archive / RAW), list[str]()
    for day in _within(raw, "dt="):
        for hour in _within(f"{raw}/{day}", "hh="):
            place = f"{day}/{hour}"
            found += [f"{place}/{name}" for name in _within(f"{raw}/{place}")]
    return sorted(found)


def _within(folder: str, prefix: str = "") -> list[str]:
    """The names there, without drafts. A year has thousands of folders: no Path is made of each."""
    try:
        return [n for n in os.listdir(folder) if n.startswith(prefix) and n[0] != "."]  # noqa: PTH208
    except FileNotFoundError:
        return []
