"""Columns of `<domain>_events`: the envelope's, where a fact stood on the feed, and the fields.

And of `<view>_rows`: whose it is, how far it had come, and what a view shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from mainstem._kind import Kind, Sort
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.sql._finish import public
from mainstem.sql._read import ENVELOPE
from mainstem.sql.duck import arrow_type, typed_schema

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
