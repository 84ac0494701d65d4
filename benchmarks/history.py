"""Orders that always come out the same: about ten events each, in typed columns, as archived.

Chance is md5 of a row's number: the same on every machine, and no library's generator to follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import orders
from mainstem.discovery import Domain, domain_of
from mainstem.envelope import Envelope
from mainstem.sql.duck import typed_schema

ORDERS: Domain = domain_of(orders)
EVENTS_PER_ORDER = 10
ROWS_PER_GROUP = 20_480
BATCH = 8_192

NUMBERED = """
    with placed as (
        select n, (md5_number_lower(concat('order ', n)) >> 1)::bigint as chance
        from range({orders}) as t(n)
    ), sized as (
        select n, 2 + chance % 17 as size, 1767225600000000 + (chance >> 8) % 2000000000000 as start
        from placed
    )
    select n, v, size, start, md5(concat('id ', n)) as name,
        (md5_number_lower(concat(n, '/', v)) >> 1)::bigint as a,
        (md5_number_lower(concat(v, ':', n)) >> 1)::bigint as b
    from sized, unnest(generate_series(1, size)) as t(v)
"""
TYPED = """
    select *, type in ('Added', 'Removed') as line, a // 20 % 5000 as article from (
        select *, case
            when v = 1 then 'Placed'
            when v = size and a % 10 < 7 then 'Paid'
            when a % 20 < 10 then 'Added'
            when a % 20 < 13 then 'Removed'
            when a % 20 < 17 then 'Noted'
            else 'Moved' end as type
        from numbered
    )
"""
COLUMNS = {
    "tenant": "'main'",
    "domain": "'orders'",
    "id": "concat_ws('-', name[1:8], name[9:12], name[13:16], name[17:20], name[21:32])",
    "version": "v",
    "type": "type",
    "schema": "1",
    "at": "start + v * 3600000000 + b % 3600000000",
    "by": "concat('agent', b % 300)",
    "customer": "if(type = 'Placed', concat('c', a % 200000), null)",
    "channel": "if(type = 'Placed', ['web', 'ios', 'android', 'store'][b % 4 + 1], null)",
    "email": "if(type = 'Placed', concat('user', a % 200000, '@example.com'), null)",
    "campaign": "if(type = 'Placed' and b % 3 = 0, 'spring', null)",
    "sku": "if(line, concat('SKU-', lpad(article::varchar, 5, '0')), null)",
    "qty": "if(line, b % 5 + 1, null)",
    "price_cents": "if(line, article * 7 + 99, null)",
    "title": "if(type = 'Added', concat('Product number ', article, ' in red'), null)",
    "gift": "if(type = 'Added', b % 9 = 0, null)",
    "reason": "if(type = 'Removed', 'changed mind', null)",
    "author": "if(type = 'Noted', concat('agent', a % 300), null)",
    "note": "if(type = 'Noted', concat('Called about delivery, ref ', md5(b::varchar)), null)",
    "pinned": "if(type = 'Noted', b % 8 = 0, null)",
    "street": "if(type = 'Moved', concat(a % 900, ' Main Street'), null)",
    "city": "if(type = 'Moved', ['Paris', 'Berlin', 'Madrid', 'Oslo'][b % 4 + 1], null)",
    "postcode": "if(type = 'Moved', lpad((b % 99999)::varchar, 5, '0'), null)",
    "amount_cents": "if(type = 'Paid', a % 90000 + 500, null)",
    "method": "if(type = 'Paid', ['card', 'paypal', 'wire'][b % 3 + 1], null)",
    "tx": "if(type = 'Paid', concat('tx_', md5(a::varchar)), null)",
}


def archive(folder: Path, events: int) -> Path:
    """About so many events as one Parquet file, sorted by id and version."""
    path = folder / "orders.parquet"
    pq.write_table(
        _generated(events, order="id, version"),
        path,
        compression="zstd",
        row_group_size=ROWS_PER_GROUP,
    )
    return path


def _generated(events: int, order: str) -> pa.Table:
    schema = typed_schema(ORDERS.events.values())
    numbered = NUMBERED.format(orders=max(1, events // EVENTS_PER_ORDER))
    named = ", ".join(f'{COLUMNS[name]} as "{name}"' for name in schema.names)
    with duckdb.connect() as connection:
        found = connection.sql(
            f"with numbered as ({numbered}), typed as ({TYPED})"
            f" select {named} from typed order by {order}"
        )
        return found.to_arrow_table().cast(schema)


def stored(folder: Path, events: int) -> Path:
    """About so many events as the lines a feed carries, in the order in which they happened."""
    path = folder / "orders.ndjson"
    encoder = msgspec.json.Encoder()
    with path.open("wb") as file:
        for batch in _generated(events, order='"at"').to_batches(BATCH):
            file.write(encoder.encode_lines(list(_envelopes(batch))))
    return path


def arriving(events: int) -> Iterator[Envelope]:
    """About so many events, in the order in which they happened."""
    for batch in _generated(events, order='"at"').to_batches(BATCH):
        yield from _envelopes(batch)


def envelopes(events: int) -> list[Envelope]:
    """About so many events, one order after the other."""
    return [
        envelope
        for batch in _generated(events, order="id, version").to_batches(BATCH)
        for envelope in _envelopes(batch)
    ]


def _envelopes(batch: pa.RecordBatch) -> Iterator[Envelope]:
    fields = {e: [f.name for f in s.__shape__.fields] for e, s in ORDERS.events.items()}
    for row in batch.to_pylist():
        yield Envelope(
            **{name: row[name] for name in ("tenant", "domain", "id", "version", "type", "schema")},
            at=row["at"],
            by=row["by"],
            data={name: row[name] for name in fields[row["type"]]},
            command=row["id"][:18],
        )
