"""DuckDB in memory: the columnar evaluator, over typed columns or over JSON as it was stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import msgspec
import pyarrow as pa

from mainstem._event import Event
from mainstem._kind import Kind, Sort
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.sql._query import select

ARROW = {
    Sort.TEXT: pa.string(),
    Sort.WHOLE: pa.int64(),
    Sort.MOMENT: pa.int64(),
    Sort.REAL: pa.float64(),
    Sort.TRUTH: pa.bool_(),
}
ENVELOPE = [
    ("tenant", pa.string()),
    ("domain", pa.string()),
    ("id", pa.string()),
    ("version", pa.int64()),
    ("type", pa.string()),
    ("schema", pa.int64()),
    ("at", pa.int64()),
    ("by", pa.string()),
]


def evaluate(
    view: type[State], domain: Domain, envelopes: Sequence[Envelope], *, raw: bool = False
) -> list[dict[str, Any]]:
    """The rows of a view as DuckDB computes them, in the order of their ids and keys."""
    with duckdb.connect() as connection:
        hold(connection, domain, envelopes, raw=raw)
        return run(connection, view, raw=raw)


def hold(
    connection: duckdb.DuckDBPyConnection,
    domain: Domain,
    envelopes: Sequence[Envelope],
    *,
    raw: bool = False,
) -> None:
    """Lets a connection know these events, as typed columns or as raw JSON."""
    if raw:
        connection.register("raw", raw_table(envelopes))
    else:
        connection.register(f"{domain.name}_events", typed_table(domain, envelopes))


def run(
    connection: duckdb.DuckDBPyConnection, view: type[State], *, raw: bool = False
) -> list[dict[str, Any]]:
    """The rows of a view over the events that a connection knows."""
    found = connection.execute(select(view, "duckdb", raw=raw))
    names = [column[0] for column in found.description or ()]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    keys = ("tenant", "id", "key") if view.__keys__ else ("tenant", "id")
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def arrow_type(kind: Kind) -> pa.DataType:
    """The typed column of a kind."""
    return pa.list_(arrow_type(kind.item)) if kind.item is not None else ARROW[kind.sort]


def typed_schema(events: Iterable[type[Event]]) -> pa.Schema:
    """The columns of `<domain>_events`: the envelope's, then one for each field name."""
    fields: dict[str, pa.DataType] = dict(ENVELOPE)
    for event in events:
        for one in event.__shape__.fields:
            fields[one.name] = arrow_type(one.kind)
    return pa.schema(list(fields.items()))


def typed_table(domain: Domain, envelopes: Iterable[Envelope]) -> pa.Table:
    """Events as typed columns, each read as what it means today."""
    rows = [_typed(domain, envelope) for envelope in envelopes]
    return pa.Table.from_pylist(rows, schema=typed_schema(domain.events.values()))


def _typed(domain: Domain, envelope: Envelope) -> Mapping[str, Any]:
    type, record = domain.record(envelope)
    schema = domain.events[type].__shape__.schema
    named = {"tenant": envelope.tenant, "domain": envelope.domain, "id": envelope.id}
    return {**record, **named, "type": type, "schema": schema}


def raw_table(envelopes: Iterable[Envelope]) -> pa.Table:
    """Events with their data as JSON text, as the archive first keeps them."""
    names = [name for name, _ in ENVELOPE]
    rows = [
        {**{name: getattr(e, name) for name in names}, "data": msgspec.json.encode(e.data).decode()}
        for e in envelopes
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema([*ENVELOPE, ("data", pa.string())]))
