"""Rows: what the pinned events amount to, finished, as a table for whoever analyses.

They are those of the snapshot, all of it, whatever is loaded: so they are the same as the view's
own statement says of it. What can't be relied on there is folded from the journal, to the same
version; and what can't be folded stands as it was before the event that its code fails at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from archive.columns import schema_of_rows, stored
from archive.compact import Compactor
from archive.duck import batches, parquet, quoted
from archive.relations import records
from archive.rows import PINNED, Folded, Made, commit, make, note, noted
from mainstem._machine import Record, Row
from mainstem._refusal import Unfit
from mainstem._state import State
from mainstem.envelope import decode
from mainstem.fingerprint import printed
from mainstem.folding import Folding
from mainstem.ports import Journal
from mainstem.protocol.drive import drive
from mainstem.protocol.folded import Dirty
from mainstem.protocol.rebuild import Part
from mainstem.sql import select
from replay.engines import PYTHON, engine_of
from replay.parts import Whose, within
from replay.pinned import Pinned

if TYPE_CHECKING:
    import duckdb

    from archive.table import Catalog

ROWS_A_BATCH = 2_500
RECORDS_A_STEP = 64
Events = Iterator[tuple[str, Record]]
Again = Callable[[int], Events]  # once more, up to a version


@dataclass
class Rows:
    """One view's, of one generation; none of what nobody reads, such as the state of a timer."""

    duck: duckdb.DuckDBPyConnection
    pinned: Pinned
    view: type[State]
    generation: int
    journal: Journal
    shown: Path | None = None  # where another engine has made them, of all of it
    dirty: list[Dirty] = field(default_factory=list)  # of the part that is just folded
    short: int = 0

    def hear(self, some: Iterable[object]) -> None:
        """What was just loaded: those of which the archive is not to be relied on."""
        self.dirty += (one for one in some if isinstance(one, Dirty))

    def part(self, nth: int, part: Part) -> None:
        """A part's rows are on the disk when this returns; made again, they are those."""
        if not self.view.__published__:
            return
        self.short = 0
        archive = self.pinned.archive
        self.pinned.show(self.duck, part)
        clean = self._clean()
        made = self._of_archive(clean) if self.shown is None else self._made(part)
        more = make(archive, self.view, self._batches(self._of_journal()))
        all_ = Made((*made.files, *more.files), made.rows + more.rows, self.short)
        note(archive, self.view, self.generation, nth, all_)

    def commit(self, parts: int) -> None:
        """All parts are the table, at once. Raises Corrupt where one is gone, and Taken."""
        if not self.view.__published__:
            return
        archive, view = self.pinned.archive, self.view
        made = [noted(archive, view, self.generation, nth) for nth in range(parts)]
        with Compactor(archive, {}).working() as catalog:
            commit(archive, catalog, view, self._folded_from(catalog), made)

    def _folded_from(self, catalog: Catalog) -> Folded:
        said = Folded(self.generation, printed(self.view))
        events = catalog.table(self.pinned.domain.name)
        ref = None if events is None else events.refs().get(PINNED.format(self.generation))
        snapshot = None if events is None or ref is None else events.snapshot_by_id(ref.snapshot_id)
        if snapshot is None:
            return said
        return said._replace(
            events=str(snapshot.snapshot_id), as_of_us=snapshot.timestamp_ms * 1_000
        )

    def _clean(self) -> str:
        """The events of aggregates that can be relied on, as a relation of this name."""
        if not self.dirty:
            return "part"
        named = {
            "tenant": pa.array([one.aggregate.tenant for one in self.dirty], pa.string()),
            "id": pa.array([one.aggregate.id for one in self.dirty], pa.string()),
        }
        self.duck.register("named", pa.table(named))
        self.duck.execute("CREATE OR REPLACE TABLE dirty AS FROM named")
        clean = "FROM part ANTI JOIN dirty USING (tenant, id)"
        self.duck.execute(f"CREATE OR REPLACE VIEW clean AS {clean}")
        return "clean"

    def _made(self, part: Part) -> Made:
        """What another engine has made of it, but for those that can't be relied on."""
        assert self.shown is not None
        files = sorted(self.shown.glob("part-*.parquet"))
        if not files:
            return Made((), 0, 0)
        but = " ANTI JOIN dirty USING (tenant, id)" if self.dirty else ""
        text = f"FROM (FROM {parquet(files)} WHERE {within(part)}){but}"
        return make(self.pinned.archive, self.view, self._in_order(text))

    def _of_archive(self, source: str) -> Made:
        import duckdb

        archive = self.pinned.archive
        if engine_of(self.view) != PYTHON:
            try:
                return make(archive, self.view, self._in_sql(source))
            except (duckdb.OutOfRangeException, duckdb.ConversionException):
                pass  # one of them can't be finished, and SQL doesn't say which
        return make(archive, self.view, self._batches(self._in_python(source)))

    def _in_sql(self, source: str) -> Iterator[pa.RecordBatch]:
        return self._in_order(f"FROM ({select(self.view, source=source)})")

    def _in_order(self, text: str) -> Iterator[pa.RecordBatch]:
        wanted = schema_of_rows(self.view)
        columns = ", ".join(f'"{name}"' for name in wanted.names)
        key = ", key" if self.view.__keys__ else ""
        rows = self.duck.sql(f"SELECT {columns} {text} ORDER BY tenant, id{key}")
        for batch in batches(rows, ROWS_A_BATCH):
            yield batch.cast(wanted)

    def _in_python(self, source: str) -> Iterator[Row]:
        domain = self.pinned.domain

        def again(whose: Whose, upto: int) -> Events:
            tenant, id = map(quoted, whose)
            asked = f'(FROM part WHERE tenant = {tenant} AND id = {id} AND "version" <= {upto})'
            return (one[2:] for one in records(self.duck.cursor(), domain, asked))

        for whose, events in groupby(records(self.duck, domain, source), lambda one: one[:2]):
            yield from self._rows(whose, (one[2:] for one in events), partial(again, whose))

    def _of_journal(self) -> Iterator[Row]:
        """Those of which the archive lacks some, or that some can't be folded of."""
        mine = {(one.aggregate.tenant, one.aggregate.id): one for one in self.dirty}
        for whose, one in sorted(mine.items()):
            again = partial(self._journalled, one)
            yield from self._rows(whose, again(one.version), again, one.version)
        self.dirty.clear()

    def _journalled(self, one: Dirty, upto: int) -> Events:
        """They end before one that this code can't read."""
        after = 0
        while records := drive(self.journal.records(one.aggregate, after, RECORDS_A_STEP)):
            for line in (line for record in records for line in record.events):
                envelope = decode(line)
                if envelope.version > upto:
                    return
                after = envelope.version
                try:
                    read = self.pinned.domain.record(envelope)
                except Unfit:
                    return
                yield read

    def _rows(
        self, whose: Whose, events: Events, again: Again, upto: int | None = None
    ) -> Iterator[Row]:
        """An aggregate's, as far as it can be folded; none where they can't be finished."""
        folding = Folding(self.view)
        whole = _fold(folding, events) and upto in (None, folding.version)
        rows = _finished(folding, whose) if whole else None
        if rows is None:
            self.short += 1
            before = Folding(self.view)  # what failed may have left half of an event behind
            _fold(before, again(folding.version))
            rows = _finished(before, whose) or []
        yield from (stored(self.view, one) for one in rows)

    def _batches(self, rows: Iterator[Row]) -> Iterator[pa.RecordBatch]:
        wanted = schema_of_rows(self.view)
        while some := list(islice(rows, ROWS_A_BATCH)):
            yield pa.RecordBatch.from_pylist(some, schema=wanted)


def _fold(folding: Folding, events: Events) -> bool:
    """Whether all of them could be. What can't be read is no matter of folds, and is raised."""
    for type, record in events:
        try:
            folding.fold(type, record)
        except Exception:  # noqa: BLE001  whatever the domain's code met
            return False
    return True


def _finished(folding: Folding, whose: Whose) -> list[Row] | None:
    """None where a column that is computed can't be."""
    try:
        return folding.finished(tenant=whose[0], id=whose[1]) if folding.version else []
    except Unfit:
        return None
