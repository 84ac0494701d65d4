"""A commit: files into a table and days out of it, and what that rests on, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from archive.columns import DAY, schema_of
from archive.places import TABLES
from archive.rawfiles import digest_of
from archive.rest import FILES, PREFIX, digests, digests_as
from archive.table import READING, Catalog, files_of, location_of, reading_of
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
    rests: Mapping[str, Path],
) -> None:  # fmt: skip
    """These files instead of those days'. What another one has committed meanwhile is an error."""
    schema = schema_of(domain)
    table = catalog.begun(domain.name, schema)
    places = {location_of(archive, path): digest_of(path) for path in added}
    gone = {one for files in files_of(table, days).values() for one in files} if days else set()
    known = {one: of for one, of in digests(archive, table).items() if one not in gone}
    rests = {**rests, FILES: digests_as(archive, domain.name, {**known, **places})}
    said = {READING: reading_of(domain)}
    said |= {f"{PREFIX}{what}": location_of(archive, path) for what, path in rests.items()}
    with table.transaction() as change:
        for day in days:
            change.delete(f"{DAY} == '{day}'")
        change.add_files(list(places), snapshot_properties=said)
