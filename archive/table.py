"""The tables: Iceberg, one a domain, in a folder that may be moved and copied as a whole.

A table's metadata names files by where they are in the archive, not on the machine. What a commit
rests on is on the disk before the commit says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archive.places import CATALOG, TABLES
from mainstem.discovery import Domain
from mainstem.fingerprint import reading
from mainstem.ports import Corrupt

if TYPE_CHECKING:
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import Table

SCHEME = "archive://"
NAMESPACE = "mainstem"
FOLDER = "mainstem.folder"
LAYOUT = 2  # with another one, tables are made anew from raw
READING = "mainstem.reading"  # by which code the events of a snapshot were read
PROPERTIES = {
    "commit.retry.num-retries": "0",  # what was planned on another snapshot is planned anew
    # Or planning reads a manifest for each commit there ever was.
    "commit.manifest-merge.enabled": "true",
    "commit.manifest.min-count-to-merge": "4",
    # Files say of few columns what they hold at least and at most; of the others nothing is asked.
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.dt": "full",
    "write.metadata.delete-after-commit.enabled": "true",
    "write.metadata.previous-versions-max": "8",
}


def path_of(archive: Path, location: str) -> Path:
    """Where on this machine."""
    return archive / location.removeprefix(SCHEME)


def location_of(archive: Path, path: Path) -> str:
    """As metadata names it."""
    return f"{SCHEME}{path.relative_to(archive)}"


class Catalog:
    """All tables of one archive."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.anew: set[str] = set()
        self._loaded: dict[str, Table] = {}  # a commit changes these as well

    @cached_property
    def _catalog(self) -> SqlCatalog:
        from pyiceberg.catalog.sql import SqlCatalog

        self.archive.mkdir(parents=True, exist_ok=True)
        found = SqlCatalog(
            NAMESPACE,
            **{
                "uri": f"sqlite:///{(self.archive / CATALOG).absolute()}",
                "warehouse": f"{SCHEME}{TABLES}",
                "py-io-impl": "archive.files_io.FolderIO",
                FOLDER: str(self.archive.absolute()),
            },
        )
        found.create_namespace_if_not_exists(NAMESPACE)
        return found

    def of(self, domain: Domain) -> Table | None:
        """A domain's events as the code at hand reads them, if any were compacted so."""
        found = self.table(domain.name)
        same = found is not None and properties_of(found).get(READING) == reading_of(domain)
        return found if same else None

    def remake(self, domain: str) -> None:
        """From here on it is made anew, beside the one that is there."""
        self.anew.add(domain)
        self._loaded.clear()
        if self._catalog.table_exists(self._name(domain)):
            self._catalog.drop_table(self._name(domain))

    def remade(self, domain: str) -> None:
        """What was made anew is the table. Killed before, it is made anew again."""
        new = self._name(domain)
        self.anew.remove(domain)
        old = self._name(domain)
        if self._catalog.table_exists(old):
            self._catalog.drop_table(old)
        self._catalog.rename_table(new, old)
        self._loaded.clear()

    def table(self, domain: str) -> Table | None:
        """A domain's events, if any were compacted yet, whatever code has read them."""
        return self._there(self._name(domain), f"{domain}_events")

    def named(self, name: str) -> Table | None:
        """A table of another kind, such as ticket_rows, if it was made yet."""
        return self._there(f"{NAMESPACE}.{name}", name)

    def _there(self, name: str, told: str) -> Table | None:
        from pyiceberg.exceptions import NoSuchTableError, ValidationError
        from sqlalchemy.exc import DatabaseError, OperationalError

        if name in self._loaded or not (self.archive / CATALOG).is_file():
            return self._loaded.get(name)
        try:
            return self._loaded.setdefault(name, self._catalog.load_table(name))
        except NoSuchTableError:
            return None
        except OperationalError:
            raise  # it is locked, say: nothing is damaged
        except (OSError, ValueError, ValidationError, DatabaseError) as wrong:
            why = str(wrong).partition("\n")[0]
            raise Corrupt(f"{self.archive / CATALOG}: {told}: {why}") from wrong

    def begun(self, domain: str, schema: Any) -> Table:
        """Its table, made if need be, partitioned by the day on which events arrived."""
        found = self.table(domain)
        if found is not None:
            return found
        table = self._catalog.create_table(
            self._name(domain), schema, f"{SCHEME}{TABLES}/{domain}_events", properties=PROPERTIES
        )
        with table.update_spec() as spec:
            spec.add_identity("dt")
        return self._loaded.setdefault(self._name(domain), table)

    def begun_rows(self, name: str, schema: Any) -> Table:
        """A view's rows, made if need be; as few files as there are parts need no partitions."""
        found = self.named(name)
        if found is not None:
            return found
        full = f"{NAMESPACE}.{name}"
        made = self._catalog.create_table(
            full, schema, f"{SCHEME}{TABLES}/{name}", properties=PROPERTIES
        )
        return self._loaded.setdefault(full, made)

    def _name(self, domain: str) -> str:
        return f"{NAMESPACE}.{domain}_events{'__anew' if domain in self.anew else ''}"

    def close(self) -> None:
        """Lets go of its file."""
        if "_catalog" in self.__dict__:
            self._catalog.engine.dispose()


def reading_of(domain: Domain) -> str:
    """How the code at hand reads a domain's events, and lays them out."""
    return f"{LAYOUT}:{reading(domain.events.values(), decided=domain.decided)}"


def properties_of(table: Table) -> Mapping[str, str]:
    """What the current snapshot says of itself."""
    snapshot = table.current_snapshot()
    if snapshot is None or snapshot.summary is None:
        return {}
    return dict(snapshot.summary.additional_properties)


def files_of(table: Table, days: Sequence[str] | None = None) -> dict[str, list[str]]:
    """The locations of the current snapshot's files, by day."""
    found: dict[str, list[str]] = {}
    for file in _data(table):
        day = str(_day(file.partition[0]))
        if days is None or day in days:
            found.setdefault(day, []).append(file.file_path)
    return {day: sorted(files) for day, files in sorted(found.items())}


def places_of(table: Table) -> list[str]:
    """The same of a table without days."""
    return sorted(file.file_path for file in _data(table))


def everything_of(table: Table) -> Iterator[str]:
    """Every file of every snapshot that is kept."""
    for snapshot in table.snapshots():
        yield snapshot.manifest_list
        for manifest in snapshot.manifests(table.io):
            yield manifest.manifest_path
            for entry in manifest.fetch_manifest_entry(table.io):
                yield entry.data_file.file_path


def _data(table: Table) -> Iterator[DataFile]:
    snapshot = table.current_snapshot()
    for manifest in [] if snapshot is None else snapshot.manifests(table.io):
        for entry in manifest.fetch_manifest_entry(table.io):
            yield entry.data_file


def _day(value: Any) -> Any:
    from datetime import date, timedelta

    return date(1970, 1, 1) + timedelta(days=value) if isinstance(value, int) else value
