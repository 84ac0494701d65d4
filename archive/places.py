"""Places: what lies where in the archive, on one machine as on S3.

raw/dt=2026-11-26/hh=04/…    every event as it was on the feed; immutable
errors/dt=…/hh=…/…           records of the feed that nobody can read
tables/…                     Iceberg: <domain>_events, and what a snapshot of it rests on
catalog.db                   which metadata is the newest of each table
"""

from __future__ import annotations

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
    raw = archive / RAW
    found = (path for path in raw.glob("dt=*/hh=*/*") if not path.name.startswith("."))
    return sorted(str(path.relative_to(raw)) for path in found)
