"""Athena: everything as DDL, so that analysts there ask what `mainstem sql` answers here.

The tables are the Iceberg tables that compaction writes; raw is read in place, hour by hour,
without anybody adding partitions; views are the same trees as on one machine, in Trino's SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
from sqlglot import exp

from archive.columns import DAY, schema_of
from archive.raw import SCHEMA
from archive.relations import Relation, columns_of, relations
from mainstem._refusal import Unsupported
from mainstem.discovery import Domain
from mainstem.sql import select

TYPES = {
    pa.string(): "string", pa.int64(): "bigint", pa.int32(): "int", pa.float64(): "double",
    pa.bool_(): "boolean", pa.date32(): "date",
}  # fmt: skip
FIRST_DAY = "2026-01-01"


def ddl(domains: Mapping[str, Domain], bucket: str, database: str) -> Iterator[str]:
    """Statement after statement, each of which may be run again."""
    yield f"CREATE DATABASE IF NOT EXISTS `{database}`"
    yield _raw(bucket, database)
    for one in relations(domains):
        if one.view is None:
            yield _table(one, bucket, database)
    for one in relations(domains):
        if one.view is not None:
            yield _view(one, database)


def _raw(bucket: str, database: str) -> str:
    columns = ",\n".join(f"  `{one.name}` {TYPES[one.type]}" for one in SCHEMA)
    return f"""CREATE EXTERNAL TABLE IF NOT EXISTS `{database}`.`raw` (
{columns}
)
PARTITIONED BY (`dt` string, `hh` string)
STORED AS PARQUET
LOCATION '{bucket}/raw/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date', 'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '{FIRST_DAY},NOW',
  'projection.hh.type' = 'integer', 'projection.hh.range' = '0,23', 'projection.hh.digits' = '2',
  'storage.location.template' = '{bucket}/raw/dt=${{dt}}/hh=${{hh}}/'
)"""


def _table(one: Relation, bucket: str, database: str) -> str:
    says = columns_of(one)
    columns = ",\n".join(
        f"  `{field.name}` {_type(field.type)} COMMENT {_text(says[field.name])}"
        for field in schema_of(one.domain)
    )
    return f"""CREATE TABLE IF NOT EXISTS `{database}`.`{one.name}` (
{columns}
)
COMMENT {_text(one.says)}
PARTITIONED BY (`{DAY}`)
LOCATION '{bucket}/tables/{one.name}/'
TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')"""


def _view(one: Relation, database: str) -> str:
    assert one.view is not None
    name = f'"{database}"."{one.name}"'
    try:
        text = select(one.view, "trino")
    except Unsupported as no:
        return f"-- {one.name}: {no}"
    return f"CREATE OR REPLACE VIEW {name} AS\n{text}"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"array<{_type(kind.value_type)}>"
    return TYPES[kind]


def _text(words: str) -> str:
    return exp.Literal.string(words).sql("hive")
