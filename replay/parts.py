"""Parts: what engines do alike: an aggregate's rows beside its end, in the order of their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from archive.duck import batches, quoted
from mainstem._machine import Cells
from mainstem._state import State
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Corrupt
from mainstem.ports.parks import Position
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from mainstem.sql import cells_of
from replay.proof import what_is_wrong

if TYPE_CHECKING:
    import duckdb

ROWS_A_BATCH = 10_000
Whose = tuple[str, str]  # tenant and id
Rows = dict[str, Cells]


class End(NamedTuple):
    """How far an aggregate is, and whether that is all of it."""

    whose: Whose
    version: int
    many: int
    whole: bool
    applied: Position = (0, 0)


def within(part: Part, alone: Collection[Whose] | None = None) -> str:
    """Rows are sorted by tenant and id, so this leaves out most of each file."""
    (tenant, after), (last, upto) = (tuple(map(quoted, one)) for one in (part.after, part.upto))
    if tenant == last:
        where = f"tenant = {tenant} AND id > {after} AND id <= {upto}"
    else:
        behind = f"(tenant > {tenant} OR (tenant = {tenant} AND id > {after}))"
        where = f"{behind} AND (tenant < {last} OR (tenant = {last} AND id <= {upto}))"
    return where if alone is None else f"{where} AND {among(alone)}"


def among(some: Collection[Whose]) -> str:
    """Whether an aggregate is one of these."""
    each = ", ".join(f"({quoted(tenant)}, {quoted(id)})" for tenant, id in some)
    return f"(tenant, id) IN ({each})" if some else "false"


def in_order(
    duck: duckdb.DuckDBPyConnection, view: type[State], cells: str
) -> Iterator[tuple[Whose, Rows | str]]:
    """The rows of each aggregate, of a relation that has their cells."""
    key = ", key" if view.__keys__ else ""
    ordered = duck.sql(f"FROM {cells} ORDER BY tenant, id{key}")
    every = (row for batch in batches(ordered, ROWS_A_BATCH) for row in batch.to_pylist())
    for whose, rows in groupby(every, lambda row: (row["tenant"], row["id"])):
        yield whose, {row.get("key", ""): cells_of(view, row) for row in rows}


def beside(
    duck: duckdb.DuckDBPyConnection, domain: Domain, ends: str,
    rows: Iterator[tuple[Whose, Rows | str]],
) -> Iterator[Folded | Dirty]:  # fmt: skip
    """Each aggregate's end beside its rows; both come in the order of tenants and ids."""
    # A cursor of its own: a connection has one answer at a time.
    reader = batches(duck.cursor().sql(ends), ROWS_A_BATCH)
    found = next(rows, None)
    for head in (row for batch in reader for row in batch.to_pylist()):
        mine: Rows | str = {}
        end = _end(head)
        if found is not None and found[0] == end.whose:
            mine, found = found[1], next(rows, None)
        elif found is not None and found[0] < end.whose:
            break
        yield told(domain, end, mine)
    if found is not None:  # all behind it would be without their rows
        raise Corrupt(f"{Aggregate(found[0][0], domain.name, found[0][1])}: has rows, and no end")


def _end(row: Mapping[str, Any]) -> End:
    applied = (int(row["sequence"]), row["index"])
    return End((row["tenant"], row["id"]), row["high"], row["many"], row["whole"], applied)


def told(domain: Domain, end: End, rows: Rows | str) -> Folded | Dirty:
    """One aggregate; what can't be relied on is told, and not folded."""
    tenant, id = end.whose
    aggregate = Aggregate(tenant, domain.name, id)
    if not end.whole:
        return Dirty(aggregate, end.version, what_is_wrong(end.many, end.version))
    if isinstance(rows, str):
        return Dirty(aggregate, end.version, rows, whole=True)
    return Folded(aggregate, end.version, end.applied, rows)
