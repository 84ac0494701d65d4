"""Compaction: raw objects that no snapshot holds yet become rows of `<domain>_events`.

What was consumed, and how far each aggregate is, change with the snapshot that adds the rows: all
of it or nothing. Files that a crash left behind belong to no snapshot, and are swept away.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.closing import closed
from archive.commit import Compacted, commit, place_of_day
from archive.duck import connection
from archive.increment import Increment
from archive.places import TABLES, raw_names
from archive.rawfiles import RawFile, looked_into
from archive.rest import (
    CONSUMED,
    HEADS,
    Rests,
    consumed_names,
    consumed_with,
    new_path,
    rests,
    save,
    tiers,
)
from archive.sweeping import crowded, swept
from archive.table import Catalog, files_of, path_of
from archive.writing import written
from edge.disk import in_words
from mainstem.discovery import Domain
from mainstem.ports import Unavailable

if TYPE_CHECKING:
    from pyiceberg.table import Table

LOCK = "compact.lock"
FILES_A_STEP_MAX = 500
ROWS_A_STEP_MAX = 4_000_000


class Taken(Unavailable):
    """Another process compacts, so nothing is left undone."""


@dataclass
class Compactor:
    """One archive's, for all domains. One process at a time."""

    archive: Path
    domains: Mapping[str, Domain]

    @contextmanager
    def working(self) -> Iterator[Catalog]:
        """While nobody else compacts. Raises Taken where somebody does."""
        with in_words(self.archive):
            self.archive.mkdir(parents=True, exist_ok=True)
            lock = (self.archive / LOCK).open("ab")
        catalog = Catalog(self.archive)
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Taken(f"{self.archive}: another process compacts it now") from None
            try:
                yield catalog
            finally:
                catalog.close()

    def run(self, today: str) -> Iterator[Compacted]:
        """Step after step, until nothing is left; days before today are closed.

        What one domain meets is raised in the end, and keeps no other from its turn.
        """
        met: Exception | None = None
        with self.working() as catalog:
            for domain in self.domains.values():
                try:
                    yield from self._domain(catalog, domain, today)
                except Exception as error:  # noqa: BLE001  raised below, once all had their turn
                    met = met or error
            if met is not None:
                raise met

    def _domain(self, catalog: Catalog, domain: Domain, today: str) -> Iterator[Compacted]:
        anew = catalog.table(domain.name) is not None and catalog.of(domain) is None
        if anew:  # events are read otherwise by now: raw is the truth
            catalog.remake(domain.name)
        yield from self._run(catalog, domain)
        if anew:
            catalog.remade(domain.name)
        days = list(closed(self.archive, catalog, domain, today))
        yield from days
        if days or crowded(catalog, domain) or not self._swept(domain, today):
            swept(self.archive, catalog, domain)

    def _swept(self, domain: Domain, today: str) -> bool:
        """Whether it was today; noted, for the next one."""
        stamp = self.archive / TABLES / f"{domain.name}_events" / "swept"
        done = stamp.is_file() and stamp.read_text("ascii") == today
        if not done and stamp.parent.is_dir():
            stamp.write_text(today, "ascii")
        return done

    def _run(self, catalog: Catalog, domain: Domain) -> Iterator[Compacted]:
        while True:
            known = consumed_names(self.archive, catalog.table(domain.name))
            names = [one for one in raw_names(self.archive) if one not in known]
            files = list(_some(self.archive, names))
            if not files:
                return
            began = time.monotonic()
            events = self._step(catalog, domain, files)
            yield Compacted(domain.name, len(files), events, time.monotonic() - began)
            if len(files) == len(names):  # what has come meanwhile is the next run's
                return

    def _step(self, catalog: Catalog, domain: Domain, files: Sequence[RawFile]) -> int:
        table = catalog.table(domain.name)
        there = _there(self.archive, table)
        before = rests(self.archive, table)
        with connection(self.archive, f"compact-{domain.name}") as duck:
            new = Increment(duck, domain, self.archive)
            new.read([one.name for one in files])
            new.prove(before[HEADS], [(day, one) for day, some in there.items() for one in some])
            new.number()
            late, events = new.late(), new.many
            days = self._renumbered(new, late, there) if late else {}
            added = [*self._written(new), *(path for some in days.values() for path in some)]
            after = self._heads(new, before) if events else before[HEADS]
        held = consumed_with(self.archive, domain.name, before, files)
        commit(self.archive, catalog, domain, added, list(days), {CONSUMED: held, HEADS: after})
        return events

    def _heads(self, new: Increment, before: Rests) -> list[Path]:
        stay, taken_in = tiers(before[HEADS], new.aggregates())
        path = new_path(self.archive, new.domain.name, HEADS)
        save(path, new.heads(taken_in))
        return [*stay, path]

    def _written(self, new: Increment) -> list[Path]:
        found = list[Path]()
        for day in new.days():
            found += written(place_of_day(self.archive, new.domain, day), new.of_day(day))
        return found

    def _renumbered(
        self, new: Increment, late: Sequence[tuple[str, str]], there: Mapping[str, list[Path]]
    ) -> Mapping[str, list[Path]]:
        """Days in which facts get other numbers, since earlier ones came late; written anew."""
        found = {}
        for day in new.renumber(late, [path for some in there.values() for path in some]):
            rows = new.sorted(new.renumbered(day, there[day]))
            found[day] = written(place_of_day(self.archive, new.domain, day), rows)
        return found


def _there(archive: Path, table: Table | None) -> dict[str, list[Path]]:
    """The table's files, by day."""
    found = {} if table is None else files_of(table)
    return {day: [path_of(archive, one) for one in some] for day, some in found.items()}


def _some(archive: Path, names: Sequence[str]) -> Iterator[RawFile]:
    """As many as one step takes, looked into. Raises Corrupt for one that can't be relied on."""
    rows = 0
    for name in names[:FILES_A_STEP_MAX]:
        found = looked_into(archive, name)
        yield found
        rows += found.rows
        if rows >= ROWS_A_STEP_MAX:
            return
