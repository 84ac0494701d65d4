"""Columns of `<domain>_events`: the envelope's, where a fact stood on the feed, and the fields.

And of `<view>_rows`: whose it is, how far it had come, and what a view shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from mainstem._kind import Kind, Sort
from mainstem._machine import Row
from mainstem._same import same
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.sql._finish import public
from mainstem.sql._read import ENVELOPE
from mainstem.sql.duck import arrow_type, typed_schema

_encode = msgspec.json.Encoder().encode
DAY = "dt"  # of arrival, which is what a table is partitioned by
CIRCUMSTANCES = ("schema", "command", "cause", "correlation")
# When and in which order facts came, whatever their producers say; and by which they are known when
# they come again. When a decided event happened is ours to say, so it is enough.
STOOD = ("arrived", "sequence", "index", "producer", "n")
TYPES: Mapping[str, pa.DataType] = {
    "schema": pa.int32(), "command": pa.string(), "cause": pa.string(),
    "correlation": pa.string(), "arrived": pa.int64(), "sequence": pa.string(),
    "index": pa.int32(), "producer": pa.string(), "n": pa.int64(), "tenant": pa.string(),
    "id": pa.string(), "version": pa.int64(), "type": pa.string(), "at": pa.int64(),
    "by": pa.string(),
}  # fmt: skip


def more_of(domain: Domain) -> Sequence[str]:
    """What is kept of an event besides who, when and what."""
    return CIRCUMSTANCES if domain.decided else (*CIRCUMSTANCES, *STOOD)


def envelope_of(domain: Domain) -> Sequence[str]:
    """Every column that is no field of an event."""
    return (*ENVELOPE, *more_of(domain))


def identity_of(domain: Domain) -> str:
    """By which an event is known when it comes again, in SQL."""
    if domain.decided:
        return 'tenant, id, "version"'
    return 'tenant, id, coalesce(producer, "sequence"), coalesce(n, 0), "index"'


def schema_of(domain: Domain) -> pa.Schema:
    """All of them, the day first."""
    fields = {name: TYPES[name] for name in envelope_of(domain)}
    for one in typed_schema(domain.events.values()):
        if one.name not in fields and one.name != "domain":
            fields[one.name] = one.type
    return pa.schema([(DAY, pa.date32()), *fields.items()])


def schema_of_rows(view: type[State]) -> pa.Schema:
    """A finished row, in the types of the statement that computes it.

    What a `fold()` in Python returns has no type that anybody has declared, so it is JSON.
    """
    keys = ("tenant", "id", *(("key",) if view.__keys__ else ()))
    return pa.schema([*((name, pa.string()) for name in keys), *_shown(view)])


def _shown(state: type[State]) -> Iterator[tuple[str, pa.DataType]]:
    yield from (("version", pa.int64()), ("changed_at", pa.int64()))
    for one in public(state):
        yield one.name, _type(one.kind)


def _type(kind: Kind) -> pa.DataType:
    if kind.sort is Sort.ROWS:
        return pa.map_(pa.string(), pa.struct(list(_shown(kind.row))))
    return pa.string() if kind.sort is Sort.PYTHON else arrow_type(kind)


def stored(state: type[State], row: Row) -> Row:
    """A row in the types of its columns: maps as pairs, and what code has folded as JSON."""
    columns = (one for one in state.__columns__.values() if one.name in row)
    odd = {one.name: _stored(one.kind, row[one.name]) for one in columns if _odd(one.kind)}
    return {**row, **odd}


def _odd(kind: Kind) -> bool:
    return kind.sort in (Sort.ROWS, Sort.PYTHON)


def _stored(kind: Kind, value: Any) -> Any:
    if value is None:
        return None
    if kind.sort is Sort.PYTHON:
        return _encode(value).decode()
    return [(key, stored(kind.row, one)) for key, one in value.items()]


def folded_by_code(view: type[State], rows: Sequence[Row]) -> pa.Table:
    """Rows of a view with a fold that is code, as a table.

    What code has folded has the type that all its values have, and where they have none it is JSON.
    """
    schema = schema_of_rows(view)
    table = pa.Table.from_pylist([stored(view, row) for row in rows], schema=schema)
    for nth, one in enumerate(schema.names):
        column = view.__columns__.get(one)
        if column is not None and column.kind.sort is Sort.PYTHON:
            values = _alike([row[one] for row in rows])
            table = table if values is None else table.set_column(nth, one, values)
    return table


def _alike(values: list[Any]) -> pa.Array | None:
    """None where Arrow would refuse them, or say something else, as of a key that few have."""
    try:
        found = pa.array(values)
    except (pa.ArrowException, OverflowError):
        return None
    return found if same(found.to_pylist(), values) else None
