"""Athena: everything as DDL, so that analysts there ask what `mainstem sql` answers here.

The tables are the Iceberg tables that compaction and rebuilds write; raw is read in place, hour by
hour, without anybody adding partitions; views are the same trees as on one machine, in Trino's SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from archive.columns import DAY, schema_of, schema_of_rows
from archive.raw import SCHEMA
from archive.relations import Relation, columns_of, kept, relations
from mainstem._refusal import Unsupported
from mainstem._state import State
from mainstem.discovery import Domain, rows_name, sql_name
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
            yield _rows(one.view, columns_of(one), bucket, database)


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
    fields = [(field, says[field.name]) for field in schema_of(one.domain)]
    return _iceberg(one.name, one.says, fields, f"PARTITIONED BY (`{DAY}`)\n", bucket, database)


def _rows(view: type[State], says: Mapping[str, str], bucket: str, database: str) -> str:
    """As a rebuild has finished them."""
    fields = [(field, kept(view, field.name, says[field.name])) for field in schema_of_rows(view)]
    told = f"{sql_name(view)} as of the last rebuild"
    return _iceberg(rows_name(view), told, fields, "", bucket, database)


def _iceberg(
    name: str, says: str, fields: Sequence[tuple[pa.Field, str]], days: str, bucket: str,
    database: str,
) -> str:  # fmt: skip
    columns = ",\n".join(
        f"  `{field.name}` {_type(field.type)} COMMENT {_text(told)}" for field, told in fields
    )
    return f"""CREATE TABLE IF NOT EXISTS `{database}`.`{name}` (
{columns}
)
COMMENT {_text(says)}
{days}LOCATION '{bucket}/tables/{name}/'
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
    if pa.types.is_map(kind):
        return f"map<{_type(kind.key_type)},{_type(kind.item_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{one.name}:{_type(one.type)}' for one in kind)}>"
    return TYPES[kind]


def _text(words: str) -> str:
    return exp.Literal.string(words).sql("hive")
