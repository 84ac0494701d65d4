"""The demo's ratio: the same facts folded by SQL from the archive, and one by one in Python."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from local.adapters import Adapters
    from mainstem.discovery import Domain
    from mainstem.envelope import Envelope
    from mainstem.sink import Sink

VIEW = "clicks.Product"
RUNS = 2  # of each the quicker one is told: the first may find its files not read yet
Rows = Mapping[str, Mapping[str, Any]]  # by id and key
T = TypeVar("T")


@dataclass
class Compared:
    """What one view took, built anew as a whole; and its fold alone, in two ways."""

    view: str = VIEW
    events: int = 0
    rows: int = 0
    rebuilt_s: float = 0.0
    sql_s: float = 0.0
    one_by_one_s: float = 0.0
    alike: bool = False  # whether both ways come to the same rows

    @property
    def times(self) -> float:
        """How many times as long one by one takes."""
        return self.one_by_one_s / max(self.sql_s, 1e-9)


def compared(ports: Adapters, domains: Mapping[str, Domain]) -> Compared:
    """All facts that the demo has sent; both ways end with rows in memory."""
    from mainstem.sink import sinks_of

    sink = next(one for one in sinks_of(domains) if one.name == VIEW)
    found = Compared()
    _rebuilt(ports, sink, found)
    found.sql_s, in_sql = _quicker(lambda: _by_sql(ports, sink))
    found.one_by_one_s, in_python = _quicker(lambda: _one_by_one(ports, sink))
    found.alike = _shown(sink, in_sql) == _shown(sink, in_python)
    return found


def _rebuilt(ports: Adapters, sink: Sink, found: Compared) -> None:
    """All of `mainstem rebuild start`, rows in the file included; and forgotten again."""
    from local.promoting import Promoting
    from local.rebuilding import Rebuilding

    rebuilding, began = Rebuilding(ports, sink), time.perf_counter()
    new = rebuilding.start()
    found.rebuilt_s = time.perf_counter() - began
    at = rebuilding.stands(new)
    assert at is not None, f"{new} is no rebuild"
    found.events, found.rows = at.done.events, at.done.rows
    Promoting(rebuilding).drop(new.number)


def _by_sql(ports: Adapters, sink: Sink) -> Rows:
    """As a rebuild folds: planned, read, proved to be complete, and folded."""
    from archive.duck import connection
    from archive.table import Catalog
    from local.archiving import ARCHIVE
    from local.rebuilding import EVENTS_A_PART
    from mainstem.protocol.folded import Folded
    from replay.engines import Engine
    from replay.pinned import newest

    archive = ports.folder.path / ARCHIVE
    catalog = Catalog(archive)
    try:
        pinned = newest(archive, sink.domain, catalog)
    finally:
        catalog.close()
    with connection(archive, "demo") as duck:
        engine = Engine(duck, pinned, sink.state)
        every = (one for part in pinned.parts(EVENTS_A_PART) for one in engine.fold(part))
        return {one.aggregate.id: one.rows for one in every if isinstance(one, Folded)}


def _one_by_one(ports: Adapters, sink: Sink) -> Rows:
    """As a log is replayed: each event is read, decoded, and applied to the rows of its own."""
    from mainstem.folding import Folding

    found: dict[str, Folding] = {}
    for fact in _facts(ports, sink.domain.name):
        one = found.get(fact.id)
        if one is None:
            one = found[fact.id] = Folding(sink.state)
        type, record = sink.domain.record(fact)
        record["version"] = one.version + 1  # a fact is numbered where it is applied
        one.fold(type, record)
    return {id: one.rows for id, one in found.items()}


def _facts(ports: Adapters, domain: str) -> Iterator[Envelope]:
    """From the feed, in order; of a bundle that came twice, once."""
    from local.producing import records
    from mainstem.bundle import domain_of, opened
    from mainstem.protocol.drive import drive

    known: set[bytes] = set()
    for shard in drive(ports.feed.shards()):
        for one in records(ports.feed, shard.name):
            if domain_of(one.key) == domain and one.data not in known:
                known.add(one.data)
                yield from opened(one.key, one.data).envelopes


def _quicker(work: Callable[[], T]) -> tuple[float, T]:
    runs = []
    for _ in range(RUNS):
        began = time.perf_counter()
        made = work()
        runs.append((time.perf_counter() - began, made))
    return min(took for took, _ in runs), runs[-1][1]


def _shown(sink: Sink, rows: Rows) -> Any:
    from mainstem.aggregate import Aggregate
    from replay.diff import shown

    return {
        (id, key): shown(sink, Aggregate("main", sink.domain.name, id), key, dict(cells))
        for id, mine in rows.items()
        for key, cells in mine.items()
    }
