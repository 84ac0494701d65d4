"""Engines: who folds a part of the archive. SQL on DuckDB; or Python, where a fold is code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from archive.duck import connection
from archive.relations import records
from mainstem._machine import Cells
from mainstem._refusal import Unsupported
from mainstem._state import State
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.folding import Folding
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from mainstem.sql import cells, cells_of
from replay.cut import Cut
from replay.pinned import Pinned
from replay.proof import ends, proved, what_is_wrong

if TYPE_CHECKING:
    import duckdb

ROWS_A_BATCH = 10_000
DUCKDB, PYTHON = "DuckDB", "Python"
Whose = tuple[str, str]  # tenant and id
Rows = dict[str, Cells]


def engine_of(view: type[State]) -> str:
    """Which one folds it."""
    try:
        cells(view)
    except Unsupported:
        return PYTHON
    return DUCKDB


@dataclass(frozen=True)
class Engine:
    """One view, folded from a pinned archive, part by part."""

    pinned: Pinned
    view: type[State]
    cut: Cut | None = None  # how far facts count, lane by lane

    @property
    def name(self) -> str:
        """Who folds."""
        return engine_of(self.view)

    def fold(self, part: Part) -> Iterator[Folded | Dirty]:
        """Its aggregates, in their order. What can't be relied on is told, and not folded."""
        import duckdb

        domain = self.pinned.domain
        with connection(self.pinned.archive, f"rebuild-{domain.name}") as duck:
            self.pinned.show(duck, part)
            source = "part" if self.cut is None else self.cut.applied(duck, domain)
            in_python = partial(_in_python, duck, self.view, domain, source)
            if self.name == PYTHON:
                yield from self._folded(duck, source, in_python())
                return
            try:
                yield from self._in_sql(duck, source)
            except (duckdb.OutOfRangeException, duckdb.ConversionException):
                # One of them can't be folded, and SQL doesn't say which: once more, one by one.
                yield from self._folded(duck, source, in_python())

    def _in_sql(self, duck: duckdb.DuckDBPyConnection, source: str) -> Iterator[Folded | Dirty]:
        if self.view.__keys__ or self.cut is not None:
            return self._folded(duck, source, _in_sql(duck, self.view, source))
        reader = duck.sql(proved(self.view, source)).to_arrow_reader(ROWS_A_BATCH)
        rows = (row for batch in reader for row in batch.to_pylist())
        return (self._one(row, {"": cells_of(self.view, row)}) for row in rows)

    def _folded(
        self, duck: duckdb.DuckDBPyConnection, source: str, rows: Iterator[tuple[Whose, Rows | str]]
    ) -> Iterator[Folded | Dirty]:
        """Each aggregate's end beside its rows; both come in the order of tenants and ids."""
        every = ends(source, decided=self.pinned.domain.decided)
        # A cursor of its own: a connection has one answer at a time.
        reader = duck.cursor().sql(every).to_arrow_reader(ROWS_A_BATCH)
        found = next(rows, None)
        for head in (row for batch in reader for row in batch.to_pylist()):
            mine: Rows | str = {}
            if found is not None and found[0] == (head["tenant"], head["id"]):
                mine, found = found[1], next(rows, None)
            yield self._one(head, mine)

    def _one(self, head: Mapping[str, Any], rows: Rows | str) -> Folded | Dirty:
        aggregate = Aggregate(head["tenant"], self.pinned.domain.name, head["id"])
        if not head["whole"]:
            return Dirty(aggregate, head["high"], what_is_wrong(head["many"], head["high"]))
        if isinstance(rows, str):
            return Dirty(aggregate, head["high"], rows, whole=True)
        return Folded(aggregate, head["high"], (int(head["sequence"]), head["index"]), rows)


def _in_sql(
    duck: duckdb.DuckDBPyConnection, view: type[State], source: str
) -> Iterator[tuple[Whose, Rows | str]]:
    key = ", key" if view.__keys__ else ""
    text = f"FROM ({cells(view, source=source)}) ORDER BY tenant, id{key}"
    reader = duck.sql(text).to_arrow_reader(ROWS_A_BATCH)
    every = (row for batch in reader for row in batch.to_pylist())
    for whose, rows in groupby(every, lambda row: (row["tenant"], row["id"])):
        yield whose, {row.get("key", ""): cells_of(view, row) for row in rows}


def _in_python(
    duck: duckdb.DuckDBPyConnection, view: type[State], domain: Domain, source: str
) -> Iterator[tuple[Whose, Rows | str]]:
    """What the domain's code fails at is told for what it is, and keeps no other from its turn."""
    for whose, events in groupby(records(duck, domain, source), lambda one: one[:2]):
        folding = Folding(view)
        try:
            for _, _, type, record in events:
                folding.fold(type, record)
        except Exception as no:  # noqa: BLE001  whatever it met
            yield whose, f"can't be folded: {no}"
        else:
            yield whose, folding.rows if folding.keyed else {"": folding.cells}
