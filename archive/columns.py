"""Columns of `<domain>_events`: the envelope's, where a fact stood on the feed, and the fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from mainstem.discovery import Domain
from mainstem.sql._read import ENVELOPE
from mainstem.sql.duck import typed_schema

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
