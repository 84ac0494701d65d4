"""Engines: who folds a part of the archive. SQL on DuckDB; or Python, where a fold is code.

Spark folds all of it at once: `replay/sparked.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from archive.duck import connection
from archive.relations import records
from mainstem._refusal import Unfit, Unsupported
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.folding import Folding
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from mainstem.sql import cells, cells_of
from replay.cut import Cut
from replay.parts import ROWS_A_BATCH, Rows, Whose, beside, in_order, told
from replay.pinned import Pinned
from replay.proof import ends, proved

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
    """One view, folded from a pinned archive, part by part."""

    pinned: Pinned
    view: type[State]
    cut: Cut | None = None  # how far facts count, lane by lane

    def fold(self, part: Part, alone: Collection[Whose] | None = None) -> Iterator[Folded | Dirty]:
        """Its aggregates, or these of them, in their order.

        What can't be relied on is told, and not folded.
        """
        import duckdb

        domain = self.pinned.domain
        with connection(self.pinned.archive, f"rebuild-{domain.name}") as duck:
            self.pinned.show(duck, part, alone)
            source = "part" if self.cut is None else self.cut.applied(duck, domain)
            in_python = partial(_in_python, duck, self.view, domain, source)
            if engine_of(self.view) == PYTHON:
                yield from self._beside(duck, source, in_python())
                return
            try:
                yield from self._in_sql(duck, source)
            except (duckdb.OutOfRangeException, duckdb.ConversionException):
                # One of them can't be folded, and SQL doesn't say which: once more, one by one.
                yield from self._beside(duck, source, in_python())

    def _in_sql(self, duck: duckdb.DuckDBPyConnection, source: str) -> Iterator[Folded | Dirty]:
        if self.view.__keys__ or self.cut is not None:
            made = f"({cells(self.view, source=source)})"
            return self._beside(duck, source, in_order(duck, self.view, made))
        reader = duck.sql(proved(self.view, source)).to_arrow_reader(ROWS_A_BATCH)
        rows = (row for batch in reader for row in batch.to_pylist())
        return (told(self.pinned.domain, row, {"": cells_of(self.view, row)}) for row in rows)

    def _beside(
        self, duck: duckdb.DuckDBPyConnection, source: str, rows: Iterator[tuple[Whose, Rows | str]]
    ) -> Iterator[Folded | Dirty]:
        domain = self.pinned.domain
        return beside(duck, domain, ends(source, decided=domain.decided), rows)


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
