"""Preparing: a generation's parts, each folded and made ready to be written.

It writes into no store, so several processes can be at it, each at another part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.ports import Generation, Journal
from mainstem.protocol.folded import Dirty, Prepared
from mainstem.protocol.loading import prepared
from mainstem.protocol.rebuild import Standing
from mainstem.sink import Sink
from replay.cut import Cut
from replay.engines import SPARK, Engine
from replay.made import place_of
from replay.pinned import Pinned, refuse_gone
from replay.rows import Rows
from replay.spark import SHOWN
from replay.sparked import Sparked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as DuckDB


@dataclass(frozen=True)
class Preparing:
    """One generation's, as it was pinned."""

    archive: Path
    journal: Journal
    sink: Sink
    new: Generation
    at: Standing

    @property
    def pinned(self) -> Pinned:
        """What it is folded from."""
        at = self.at
        files, heads = (tuple(self.archive / one for one in some) for some in (at.files, at.heads))
        return Pinned(self.archive, self.sink.domain, files, heads)

    def part(
        self, duck: DuckDB, nth: int, cut: Cut | None, many: int
    ) -> Iterator[list[Prepared | Dirty]]:
        """So many aggregates at a time; its rows as they are shown, into a file at the end."""
        part, rows = self.at.parts[nth], self._rows(duck)
        folded = self._engine(duck, cut).fold(part)
        while some := list(islice(folded, many)):
            yield [prepared(self.sink, one) for one in some]
            rows.hear(some)
        rows.part(nth, part)

    def commit(self, duck: DuckDB) -> None:
        """Those rows are the view's. Raises Taken."""
        self._rows(duck).commit(len(self.at.parts))

    def sparked(self, duck: DuckDB, cut: Cut | None, meanwhile: Callable[[], None]) -> None:
        """Where Spark folds, all of it is folded before its parts are."""
        Sparked(self._duckdb(duck, cut), self._place).make(meanwhile)

    def _engine(self, duck: DuckDB, cut: Cut | None) -> Engine | Sparked:
        engine = self._duckdb(duck, cut)
        return Sparked(engine, self._place) if self.at.engine == SPARK else engine

    def _duckdb(self, duck: DuckDB, cut: Cut | None) -> Engine:
        refuse_gone(self.pinned)
        return Engine(duck, self.pinned, self.sink.state, cut)

    def _rows(self, duck: DuckDB) -> Rows:
        shown = self._place / SHOWN if self.at.engine == SPARK else None
        return Rows(duck, self.pinned, self.sink.state, self.new.number, self.journal, shown)

    @property
    def _place(self) -> Path:
        return place_of(self.archive, self.new)
