"""Loading: the rows of a file become facts, and each is kept or rejected before the next are read.

How far the file has been read lies in the log, in the same frame as the facts, so whoever goes on
after a crash finds both or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from edge.problems import Flaw
from mainstem._uncollected import uncollected
from mainstem.ports import Source
from mainstem.protocol.ingest import Fact
from producers.forwarding import Forwarder
from producers.rejects import Rejects
from producers.rows import Row, Unread
from producers.taking import Taker

ROWS_A_KEEP = 50_000
BYTES_A_KEEP = 16 * 1024 * 1024


@dataclass
class Loading:
    """One file on its way. `source` is None where it can't be read again, as stdin can't."""

    taker: Taker
    forwarder: Forwarder
    rejects: Rejects
    now: Callable[[], int]
    source: Source | None = None
    told: Callable[[], None] = lambda: None  # after each step
    facts: int = 0
    row: int = 0  # the number of the last one that was kept or rejected
    _gathered: list[Row] = field(default_factory=list)

    def load(self, rows: Iterator[Row]) -> None:
        """All of them, from behind what is known. Raises what the log or the file does."""
        known = 0 if self.source is None else self.source.rows
        try:
            self._gather(rows, known)
        finally:
            self.keep()  # what was read is not read in vain, even where the rest can't be
        if self.source is not None:
            self._kept([], self.source._replace(finished=True))

    def keep(self) -> None:
        """What has been gathered."""
        rows, self._gathered = self._gathered, []
        if not rows:
            return
        with uncollected():
            facts = list(self._taken(rows))
        self.rejects.save()
        last = rows[-1][0]
        source = self.source and self.source._replace(rows=last, rejected=self.rejects.many)
        self._kept(facts, source)
        self.facts, self.row = self.facts + len(facts), last
        self.told()

    def _taken(self, rows: Sequence[Row]) -> Iterator[Fact]:
        at = self.now()
        for number, raw in rows:
            found = raw.flaw if isinstance(raw, Unread) else self.taker.take(raw, at)
            if isinstance(found, Flaw):
                self.rejects.add(number, found, raw.raw if isinstance(raw, Unread) else raw)
            else:
                yield found

    def _kept(self, facts: list[Fact], source: Source | None) -> None:
        if facts or source is not None:
            self.forwarder.keep(facts, source)
        self.source = source

    def _gather(self, rows: Iterator[Row], known: int) -> None:
        size = 0
        for row in rows:
            if row[0] <= known:
                continue
            self._gathered.append(row)
            size += len(row[1]) if isinstance(row[1], bytes) else len(row[1].raw)
            if len(self._gathered) >= ROWS_A_KEEP or size >= BYTES_A_KEEP:
                self.keep()
                size = 0
