"""The end of one level of rows: folded columns, maps joined on, derived columns computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from mainstem._column import Column
from mainstem._expr import Expr, Name, Op
from mainstem._kind import Sort
from mainstem._state import State
from mainstem.sql._dialect import Dialect
from mainstem.sql._read import alias, column, table
from mainstem.sql._scalar import Scalars

BUILT_IN = ("version", "changed_at")
Shown = Callable[[type[State]], list[Column]]


def public(state: type[State]) -> list[Column]:
    """The columns of a finished row, without those that a leading underscore keeps back."""
    return [one for one in state.__columns__.values() if not one.private]


def row_fields(
    dialect: Dialect, row: type[State], shown: Shown = public
) -> list[tuple[str, exp.DataType]]:
    """What an inner row shows, and as which types."""
    bigint = exp.DataType(this=exp.DataType.Type.BIGINT)
    found: list[tuple[str, exp.DataType]] = [(name, bigint) for name in BUILT_IN]
    for one in shown(row):
        if one.kind.sort is Sort.ROWS:
            inner = dialect.struct_type(row_fields(dialect, one.kind.row, shown))
            found.append((one.name, dialect.map_type(inner)))
        else:
            found.append((one.name, dialect.type(one.kind)))
    return found


def tallies(state: type[State], name: str) -> list[Op]:
    """The `size(rows, where=…)` that a state's derived columns ask of one map."""
    found: list[Op] = []

    def walk(expr: Expr) -> None:
        if isinstance(expr, Op):
            if expr.sign == "size" and len(expr.args) == 2:
                rows = expr.args[0]
                if isinstance(rows, Name) and rows.name == name:
                    found.append(expr)
                return
            for arg in expr.args:
                walk(arg)

    for one in state.__columns__.values():
        if one.expr is not None:
            walk(one.expr)
    return found


class Finish:
    """The rows of one level: folded columns, maps joined on, derived columns computed."""

    def __init__(
        self,
        dialect: Dialect,
        state: type[State],
        folded: str,
        maps: dict[str, str],
        keys: tuple[str, ...],
    ) -> None:
        self.dialect, self.state, self.folded = dialect, state, folded
        self.maps, self.keys = maps, keys
        self.scalars = Scalars(dialect, self._named, self._size)

    def query(self, beside: Sequence[str] = ()) -> exp.Expr:
        columns = [alias(self._column(one), one.name) for one in self._kept()]
        kept = [column(name, self.folded) for name in (*self.keys, *BUILT_IN, *beside)]
        query = exp.select(*kept, *columns).from_(table(self.folded), copy=False)
        for path in self.maps.values():
            same = [
                exp.EQ(this=column(k, path), expression=column(k, self.folded)) for k in self.keys
            ]
            query = query.join(table(path), on=exp.and_(*same), join_type="left", copy=False)
        return query

    def _kept(self) -> list[Column]:
        """Private columns too: what counts these rows may look at them."""
        return list(self.state.__columns__.values())

    def _column(self, one: Column) -> exp.Expr:
        if one.expr is not None:
            return self.scalars.sql(one.expr)
        if one.name not in self.maps:
            return column(one.name, self.folded)
        inner = self.dialect.struct_type(row_fields(self.dialect, one.kind.row))
        empty = self.dialect.empty_map(self.dialect.map_type(inner))
        return exp.Coalesce(this=column("rows", self.maps[one.name]), expressions=[empty])

    def _named(self, name: Name) -> exp.Expr:
        one = self.state.__columns__.get(name.name)
        return column(name.name, self.folded) if one is None else self._column(one)

    def _size(self, op: Op) -> exp.Expr:
        named = op.args[0]
        assert isinstance(named, Name)
        if named.name not in self.maps:
            found: exp.Expr = exp.ArraySize(this=self._named(named))
        elif len(op.args) == 1:
            found = column("size", self.maps[named.name])
        else:
            asked = tallies(self.state, named.name)
            n = next(n for n, one in enumerate(asked) if one is op)
            found = column(f"size_{n}", self.maps[named.name])
        counted = exp.Coalesce(this=found, expressions=[exp.Literal.number(0)])
        return exp.cast(counted, exp.DataType.Type.BIGINT)
