"""Sample: some aggregates of a view, folded by the code at hand, beside the rows that are read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import msgspec

from archive.duck import connection
from archive.relations import Shelf, records
from archive.table import Catalog
from mainstem._machine import Cells
from mainstem.aggregate import Aggregate
from mainstem.folding import Folding
from mainstem.ports import Generation, Listed, Place, Rows
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from replay.diff import Diff, compare

SLICES = 1_000_000
SAMPLE = """CREATE TABLE sample AS SELECT * FROM {domain}_events
    WHERE hash(tenant || '/' || id) % {slices} < {some}"""
_encode = msgspec.json.Encoder().encode


class Sampled(NamedTuple):
    """How many there were, and what would be different."""

    aggregates: int
    diff: Diff


def sampled(archive: Path, sink: Sink, rows: Rows, read: Generation, share: float) -> Sampled:
    """Each is folded to the version that its row shows."""
    found, aggregates = Diff(), 0
    with connection(archive, f"sample-{sink.name}") as duck:
        _take(duck, archive, sink, share)
        for aggregate, events in _each(duck, sink):
            aggregates += 1
            _compare(sink, rows, read, aggregate, events, found)
    return Sampled(aggregates, found)


def _take(duck: duckdb.DuckDBPyConnection, archive: Path, sink: Sink, share: float) -> None:
    catalog = Catalog(archive)
    try:
        Shelf(duck, archive).events(sink.domain, catalog)
    finally:
        catalog.close()
    some = round(share * SLICES)
    duck.execute(SAMPLE.format(domain=sink.domain.name, slices=SLICES, some=some))


Events = list[tuple[str, dict[str, object]]]


def _each(duck: duckdb.DuckDBPyConnection, sink: Sink) -> Iterator[tuple[Aggregate, Events]]:
    whose, events = None, Events()
    for tenant, id, type, record in records(duck, sink.domain, "sample"):
        if (tenant, id) != whose:
            if whose is not None:
                yield Aggregate(whose[0], sink.domain.name, whose[1]), events
            whose, events = (tenant, id), Events()
        events.append((type, record))
    if whose is not None:
        yield Aggregate(whose[0], sink.domain.name, whose[1]), events


def _compare(
    sink: Sink, rows: Rows, read: Generation, aggregate: Aggregate, events: Events, found: Diff
) -> None:
    folding, head = Folding(sink.state), drive(rows.read(read, aggregate, ()))
    try:
        for type, record in events[: head.version]:
            folding.fold(type, record)
    except Exception as no:  # noqa: BLE001  the row would wait: whatever the domain's code met
        found.fail(aggregate, head.version, str(no))
        return
    if folding.version != head.version:
        found.on_their_way += 1
        return
    after = folding.rows if folding.keyed else {"": folding.cells}
    before = drive(rows.read(read, aggregate, after.keys() | _keys(rows, read, aggregate))).rows
    for key in sorted(before.keys() | after.keys()):
        one = _listed(aggregate, key, head.version, before.get(key))
        other = _listed(aggregate, key, head.version, _bytes(after.get(key)))
        compare(sink, found, one, other)


def _keys(rows: Rows, read: Generation, aggregate: Aggregate) -> set[str]:
    """The keys that it has rows of."""
    found, after = set[str](), (aggregate.tenant, aggregate.id, "")
    while page := drive(rows.all(read, after, 500)):
        mine = [one.key for one in page if one.aggregate == aggregate]
        found.update(mine)
        if len(mine) < len(page):
            break
        after = (aggregate.tenant, aggregate.id, page[-1].key)
    return found


def _bytes(cells: Cells | None) -> bytes | None:
    return None if cells is None else _encode(cells)


def _listed(aggregate: Aggregate, key: str, version: int, cells: bytes | None) -> Listed | None:
    if cells is None:
        return None
    return Listed(aggregate, key, version, cells, Place(None, aggregate.id, key))
