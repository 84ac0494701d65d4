"""Engines: who folds a part of the archive. SQL on DuckDB; or Python, where a fold is code.

Spark folds all of it at once: `replay/sparked.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from archive.duck import batches
from archive.relations import records
from mainstem._refusal import Unfit, Unsupported
from mainstem._state import State
from mainstem.folding import Folding
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from mainstem.sql import MANY, cells, cells_of
from replay.cut import Cut
from replay.parts import ROWS_A_BATCH, End, Rows, Whose, beside, in_order, told
from replay.pinned import Pinned
from replay.proof import WHOLE, ends, proved

if TYPE_CHECKING:
    import duckdb

DUCKDB, PYTHON, SPARK = "DuckDB", "Python", "Spark"
ASKED = {one.lower(): one for one in (DUCKDB, SPARK)}
ONE_MACHINE_BYTES_MAX = 100_000_000_000  # of one domain's table; what is larger is for a cluster


def engine_of(view: type[State], bytes: int = 0, asked: str = "") -> str:
    """Which one folds it, from so many bytes. Raises Unfit where another is asked for."""
    try:
        cells(view)
    except Unsupported as no:
        if asked:
            raise Unfit(f"{no}, so Python folds it, and {asked} can't") from None
        return PYTHON
    return asked or (SPARK if bytes > ONE_MACHINE_BYTES_MAX else DUCKDB)


@dataclass(frozen=True)
class Engine:
    """One view, folded from a pinned archive, part by part, by one connection."""

    duck: duckdb.DuckDBPyConnection
    pinned: Pinned
    view: type[State]
    cut: Cut | None = None  # how far facts count, lane by lane

    def fold(self, part: Part, alone: Collection[Whose] | None = None) -> Iterator[Folded | Dirty]:
        """Its aggregates, or these of them, in their order.

        What can't be relied on is told, and not folded.
        """
        import duckdb

        self.pinned.show(self.duck, part, alone)
        cut = self.cut
        source = "part" if cut is None else cut.applied(self.duck, self.pinned.domain)
        if engine_of(self.view) == PYTHON:
            yield from self._beside(source, self._in_python(source))
            return
        done: list[pa.RecordBatch] = []
        try:
            yield from self._in_sql(source, part.tenant, done)
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            # One of them can't be folded, and SQL doesn't say which: the others one by one.
            left = self._left(source, done)
            yield from self._beside(left, self._in_python(left))

    def _in_sql(
        self, source: str, tenant: str | None, done: list[pa.RecordBatch]
    ) -> Iterator[Folded | Dirty]:
        if self.view.__keys__ or self.cut is not None:
            made = f"({cells(self.view, source=source, tenant=tenant)})"
            yield from self._beside(source, in_order(self.duck, self.view, made))
            return
        text = proved(self.view, source, tenant)
        for batch in batches(self.duck.sql(text), ROWS_A_BATCH):
            yield from (self._proved(row) for row in batch.to_pylist())
            done.append(batch.select(["tenant", "id"]))

    def _left(self, source: str, done: Sequence[pa.RecordBatch]) -> str:
        """All but those that were folded before one that can't be: they come in no order."""
        if not done:
            return source
        self.duck.register("told", pa.Table.from_batches(done))
        self.duck.execute("CREATE OR REPLACE TABLE done AS FROM told")
        return f"(FROM {source} ANTI JOIN done USING (tenant, id))"

    def _proved(self, row: Mapping[str, Any]) -> Folded | Dirty:
        end = End((row["tenant"], row["id"]), row["version"], row[MANY], row[WHOLE])
        return told(self.pinned.domain, end, {"": cells_of(self.view, row)})

    def _beside(
        self, source: str, rows: Iterator[tuple[Whose, Rows | str]]
    ) -> Iterator[Folded | Dirty]:
        domain = self.pinned.domain
        return beside(self.duck, domain, ends(source, decided=domain.decided), rows)

    def _in_python(self, source: str) -> Iterator[tuple[Whose, Rows | str]]:
        """What the domain's code fails at is told for what it is; others have their turn."""
        every = records(self.duck, self.pinned.domain, source)
        for whose, events in groupby(every, lambda one: one[:2]):
            folding = Folding(self.view)
            try:
                for _, _, type, record in events:
                    folding.fold(type, record)
            except Exception as no:  # noqa: BLE001  whatever it met
                yield whose, f"can't be folded: {no}"
            else:
                yield whose, folding.rows if folding.keyed else {"": folding.cells}
