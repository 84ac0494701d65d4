"""A commit: files into a table and days out of it, and what that rests on, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from archive.columns import DAY, schema_of
from archive.places import TABLES
from archive.rest import PREFIX, Rests
from archive.table import READING, Catalog, location_of, reading_of
from mainstem.discovery import Domain


class Compacted(NamedTuple):
    """What one step has done."""

    domain: str
    files: int  # raw objects; 0 where a closed day was sorted anew
    events: int
    seconds: float
    day: str = ""  # that was closed


def place_of_day(archive: Path, domain: Domain, day: str) -> Path:
    """Where its files lie."""
    return archive / TABLES / f"{domain.name}_events" / "data" / f"dt={day}"


def commit(
    archive: Path, catalog: Catalog, domain: Domain, added: Sequence[Path], days: Sequence[str],
    rests: Rests,
) -> None:  # fmt: skip
    """These files instead of those days'. What another one has committed meanwhile is an error."""
    table = catalog.begun(domain.name, schema_of(domain))
    said = {READING: reading_of(domain)}
    for what, paths in rests.items():
        said[f"{PREFIX}{what}"] = " ".join(location_of(archive, path) for path in paths)
    places = [location_of(archive, path) for path in added]
    with table.transaction() as change:
        for day in days:
            change.delete(f"{DAY} == '{day}'")
        change.add_files(places, snapshot_properties=said)
