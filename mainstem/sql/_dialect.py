"""What the engines say differently: a few constructs each, as sqlglot trees.

Traps that shaped these: DuckDB's arg_max skips NULL while max_by elsewhere keeps it; Trino's maps
have no order; Spark can't sort what holds a map; Trino divides whole numbers with `/`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence

import sqlglot
from sqlglot import exp

from mainstem._kind import Kind, Sort

TYPES = {
    Sort.TEXT: exp.DataType.Type.TEXT,
    Sort.WHOLE: exp.DataType.Type.BIGINT,
    Sort.MOMENT: exp.DataType.Type.BIGINT,
    Sort.REAL: exp.DataType.Type.DOUBLE,
    Sort.TRUTH: exp.DataType.Type.BOOLEAN,
}
Field = tuple[str, exp.Expr, exp.DataType]


def call(name: str, *args: exp.Expr) -> exp.Expr:
    """A function that only some engines know."""
    return exp.Anonymous(this=name, expressions=list(args))


def where(aggregate: exp.Expr, holds: exp.Expr) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=holds))


def text(value: str) -> exp.Expr:
    return exp.Literal.string(value)


class Dialect(ABC):
    """One engine's way."""

    name: str
    gathers_none = False  # whether what gathers values makes an array of none, and not NULL

    def type(self, kind: Kind) -> exp.DataType:
        if kind.item is not None:
            inner = self.type(kind.item)
            return exp.DataType(this=exp.DataType.Type.ARRAY, expressions=[inner], nested=True)
        return exp.DataType(this=TYPES[kind.sort])

    def struct_type(self, fields: Sequence[tuple[str, exp.DataType]]) -> exp.DataType:
        named = [exp.ColumnDef(this=exp.to_identifier(n, quoted=True), kind=t) for n, t in fields]
        return exp.DataType(this=exp.DataType.Type.STRUCT, expressions=named, nested=True)

    def map_type(self, value: exp.DataType) -> exp.DataType:
        key = exp.DataType(this=exp.DataType.Type.TEXT)
        return exp.DataType(this=exp.DataType.Type.MAP, expressions=[key, value], nested=True)

    def array(self, items: list[exp.Expr], kind: Kind) -> exp.Expr:
        return exp.cast(exp.Array(expressions=items), self.type(kind))

    def total(self, value: exp.Expr) -> exp.Expr:
        return exp.cast(exp.Sum(this=value), exp.DataType.Type.BIGINT)

    def truncated(self, a: exp.Expr, b: exp.Expr) -> exp.Expr:
        """Whole-number division towards zero."""
        return exp.Div(this=a, expression=b, typed=True)

    @abstractmethod
    def by_version(
        self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, *, newest: bool, nulls: bool
    ) -> exp.Expr:
        """The value of the newest or oldest event that holds.

        NULL is among the values with `nulls`; without, it says that an event doesn't hold.
        """

    @abstractmethod
    def newest(self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, n: int) -> exp.Expr:
        """The values of the newest n events that hold, newest first, NULLs included."""

    @abstractmethod
    def members(self, value: exp.Expr, holds: exp.Expr) -> exp.Expr:
        """The distinct values, sorted."""

    def struct(self, fields: Sequence[Field]) -> exp.Expr:
        pairs = [
            exp.PropertyEQ(this=exp.to_identifier(name, quoted=True), expression=value)
            for name, value, _ in fields
        ]
        return exp.Struct(expressions=pairs)

    @abstractmethod
    def map(self, key: exp.Expr, value: exp.Expr) -> exp.Expr:
        """An aggregate: a map of these, sorted by key where maps have an order."""

    def listed(self, fields: Sequence[Field]) -> exp.Expr:
        """An aggregate: a list of these in no order, to be read by whoever asked for it."""
        return exp.ArrayAgg(this=self.struct(fields))

    @abstractmethod
    def empty_map(self, type: exp.DataType) -> exp.Expr: ...

    def json(self, data: exp.Expr, name: str, kind: Kind) -> exp.Expr:
        """A value inside a JSON object; NULL where it is missing or null."""
        path = sqlglot.Dialect.get_or_raise(self.name).to_json_path(text(f"$.{name}"))
        if kind.item is not None:
            return self.json_array(exp.JSONExtract(this=data, expression=path), kind)
        scalar = exp.JSONExtractScalar(this=data, expression=path)
        return scalar if kind.sort is Sort.TEXT else exp.cast(scalar, self.type(kind))

    @abstractmethod
    def json_array(self, found: exp.Expr, kind: Kind) -> exp.Expr:
        """A JSON array as an array of the engine's."""

    def parsed(self, data: exp.Expr, fields: dict[str, Kind]) -> exp.Expr | None:
        """All of these at once as a struct, where the engine can."""
        return None


class Duck(Dialect):
    name = "duckdb"

    def by_version(
        self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, *, newest: bool, nulls: bool
    ) -> exp.Expr:
        function = "ARG_MAX" if newest else "ARG_MIN"
        if not nulls:  # they skip NULL by themselves, sooner than a FILTER does
            return call(function, value, version)
        return where(call(f"{function}_NULL", value, version), holds)

    def newest(self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, n: int) -> exp.Expr:
        ordered = exp.Order(this=value, expressions=[exp.Ordered(this=version, desc=True)])
        return call("LIST_SLICE", where(exp.ArrayAgg(this=ordered), holds), _n(1), _n(n))

    def members(self, value: exp.Expr, holds: exp.Expr) -> exp.Expr:
        distinct = exp.ArrayAgg(this=exp.Distinct(expressions=[value]))
        return call("LIST_SORT", where(distinct, holds))

    def truncated(self, a: exp.Expr, b: exp.Expr) -> exp.Expr:
        return exp.IntDiv(this=a, expression=b)

    def map(self, key: exp.Expr, value: exp.Expr) -> exp.Expr:
        entry = exp.Tuple(expressions=[key, value])
        return call("MAP_FROM_ENTRIES", call("LIST_SORT", exp.ArrayAgg(this=entry)))

    def listed(self, fields: Sequence[Field]) -> exp.Expr:
        """As JSON arrays, one behind the other, which it gathers sooner than structs."""
        return exp.GroupConcat(
            this=call("JSON_ARRAY", *(value for _, value, _ in fields)), separator=text(",")
        )

    def empty_map(self, type: exp.DataType) -> exp.Expr:
        return exp.cast(call("MAP"), type)

    def json_array(self, found: exp.Expr, kind: Kind) -> exp.Expr:
        return call("FROM_JSON", found, text(json.dumps(_duck_type(kind))))

    def parsed(self, data: exp.Expr, fields: dict[str, Kind]) -> exp.Expr | None:
        types = {name: _duck_type(kind) for name, kind in fields.items()}
        return call("FROM_JSON", data, text(json.dumps(types)))


def _duck_type(kind: Kind) -> object:
    if kind.item is not None:
        return [_duck_type(kind.item)]
    return Duck().type(kind).sql("duckdb").replace("TEXT", "VARCHAR")


class Trino(Dialect):
    name = "trino"

    def by_version(
        self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, *, newest: bool, nulls: bool
    ) -> exp.Expr:
        function = "MAX_BY" if newest else "MIN_BY"
        return where(call(function, value, version), holds)

    def newest(self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, n: int) -> exp.Expr:
        ordered = exp.Order(this=value, expressions=[exp.Ordered(this=version, desc=True)])
        return call("SLICE", where(exp.ArrayAgg(this=ordered), holds), _n(1), _n(n))

    def members(self, value: exp.Expr, holds: exp.Expr) -> exp.Expr:
        distinct = exp.ArrayAgg(this=exp.Distinct(expressions=[value]))
        return call("ARRAY_SORT", where(distinct, holds))

    def total(self, value: exp.Expr) -> exp.Expr:
        return exp.Sum(this=value)  # of bigints it is one, and fails beyond

    def struct(self, fields: Sequence[Field]) -> exp.Expr:
        row = call("ROW", *(value for _, value, _ in fields))
        return exp.cast(row, self.struct_type([(name, type) for name, _, type in fields]))

    def map(self, key: exp.Expr, value: exp.Expr) -> exp.Expr:
        return call("MAP_AGG", key, value)

    def empty_map(self, type: exp.DataType) -> exp.Expr:
        return exp.cast(call("MAP"), type)

    def json_array(self, found: exp.Expr, kind: Kind) -> exp.Expr:
        return exp.cast(found, self.type(kind))


class Spark(Dialect):
    name = "spark"
    gathers_none = True

    def by_version(
        self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, *, newest: bool, nulls: bool
    ) -> exp.Expr:
        function = "MAX_BY" if newest else "MIN_BY"
        return where(call(function, value, version), holds)

    def newest(self, value: exp.Expr, version: exp.Expr, holds: exp.Expr, n: int) -> exp.Expr:
        pair = _pair("v", version, value)
        pairs = where(call("COLLECT_LIST", pair), holds)
        return _picked(call("SLICE", _sorted(pairs, "v", newest=True), _n(1), _n(n)), "x")

    def members(self, value: exp.Expr, holds: exp.Expr) -> exp.Expr:
        return call("SORT_ARRAY", where(call("COLLECT_SET", value), holds))

    def truncated(self, a: exp.Expr, b: exp.Expr) -> exp.Expr:
        return exp.IntDiv(this=a, expression=b)

    def map(self, key: exp.Expr, value: exp.Expr) -> exp.Expr:
        pair = _pair("k", key, value)
        return call("MAP_FROM_ENTRIES", _sorted(call("COLLECT_LIST", pair), "k", newest=False))

    def empty_map(self, type: exp.DataType) -> exp.Expr:
        return exp.cast(call("MAP"), type)

    def json_array(self, found: exp.Expr, kind: Kind) -> exp.Expr:
        return call("FROM_JSON", found, text(self.type(kind).sql("spark")))


def _pair(name: str, first: exp.Expr, second: exp.Expr) -> exp.Expr:
    pairs = [(name, first), ("x", second)]
    return exp.Struct(
        expressions=[exp.PropertyEQ(this=exp.to_identifier(n), expression=v) for n, v in pairs]
    )


def _sorted(pairs: exp.Expr, by: str, *, newest: bool) -> exp.Expr:
    """array_sort with a comparison of its own: what lies beside the key may have no order."""
    a, b = exp.to_identifier("a"), exp.to_identifier("b")
    left, right = (exp.Dot(this=one.copy(), expression=exp.to_identifier(by)) for one in (a, b))
    first, second = (right, left) if newest else (left, right)
    order = (
        exp.Case()
        .when(exp.LT(this=first, expression=second), exp.Neg(this=_n(1)))
        .when(exp.GT(this=first.copy(), expression=second.copy()), _n(1))
        .else_(_n(0))
    )
    return call("ARRAY_SORT", pairs, exp.Lambda(this=order, expressions=[a, b]))


def _picked(pairs: exp.Expr, name: str) -> exp.Expr:
    one = exp.to_identifier("p")
    picked = exp.Dot(this=one.copy(), expression=exp.to_identifier(name))
    return call("TRANSFORM", pairs, exp.Lambda(this=picked, expressions=[one]))


def _n(number: int) -> exp.Expr:
    return exp.Literal.number(number)


DIALECTS: dict[str, Dialect] = {one.name: one for one in (Duck(), Trino(), Spark())}
