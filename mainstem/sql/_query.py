"""One view, one statement: read the events, fold them into rows, finish the rows.

Every level of rows (the view's own, and those of each `keyed` map inside) is folded alike: events
are grouped by the keys so far, scalar folds become aggregates, maps of inner rows are joined on,
and derived columns are computed last.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlglot import exp

from mainstem._column import Column
from mainstem._expr import Expr, Name, Op
from mainstem._kind import Sort
from mainstem._refusal import Unsupported
from mainstem._spec import Source
from mainstem._state import State
from mainstem.discovery import sql_name
from mainstem.sql._dialect import DIALECTS, Dialect
from mainstem.sql._folds import Folds
from mainstem.sql._read import EVENTS, Reading, alias, column, events_heard, is_type, table
from mainstem.sql._scalar import Scalars, or_false

BUILT_IN = ("version", "changed_at")


def select(
    view: type[State], dialect: str = "duckdb", *, raw: bool = False, source: str = ""
) -> str:
    """The statement that computes a view's rows from its domain's events.

    `source` is a table of typed columns, `<domain>_events` by default; with `raw=True` one that
    has `data` as JSON text, `raw` by default.
    """
    declared: Any = view
    return _text(declared, dialect, raw, source)


@lru_cache(maxsize=256)
def _text(view: Any, dialect: str, raw: bool, source: str) -> str:
    return tree(view, DIALECTS[dialect], raw=raw, source=source).sql(dialect, pretty=True)


def tree(view: type[State], dialect: Dialect, *, raw: bool, source: str = "") -> exp.Expr:
    domain = view.__module__.rpartition(".")[2]
    query = _Query(view, dialect, raw=raw)
    keys: tuple[str, ...] = ("tenant", "id")
    if view.__keys__:
        rows = query.keyed(view, EVENTS, keys, "key", sql_name(view))
        keys = (*keys, "key")
    else:
        rows = query.level(view, EVENTS, keys, sql_name(view))
    shown = [c.name for c in view.__columns__.values() if not c.private]
    final = exp.select(*(column(name) for name in (*keys, *BUILT_IN, *shown))).from_(
        table(rows), copy=False
    )
    events = query.reading.relation(source or ("raw" if raw else f"{domain}_events"), domain)
    for name, relation in [(EVENTS, events), *query.ctes]:
        final = final.with_(exp.to_identifier(name, quoted=True), as_=relation, copy=False)
    return final


class _Query:
    def __init__(self, view: type[State], dialect: Dialect, *, raw: bool) -> None:
        self.view, self.dialect = view, dialect
        self.reading = Reading(dialect, tuple(dict.fromkeys(events_heard(view))), raw=raw)
        self.folds = Folds(dialect, self.reading)
        self.ctes: list[tuple[str, exp.Expr]] = []
        self.paths: set[str] = set()

    def path(self, outer: str, name: str) -> str:
        """A name for the rows inside: `a_b` may be b's inside a's, or those of a column a_b."""
        found = f"{outer}_{name}"
        while found in self.paths:
            found += "_"
        self.paths.add(found)
        return found

    def level(self, state: type[State], relation: str, keys: tuple[str, ...], path: str) -> str:
        """Folds a relation of events into finished rows, one for each group of keys."""
        folded, rows = step("folded", path), step("rows", path)
        scalars = [c for c in state.__columns__.values() if c.fold and c.fold.op != "keyed"]
        aggregates = [alias(self._aggregate(state, c), c.name) for c in scalars]
        newest = [
            alias(exp.Max(this=column("version")), "version"),
            alias(exp.Max(this=column("at")), "changed_at"),
        ]
        grouped = exp.select(*(column(key) for key in keys), *newest, *aggregates)
        grouped = grouped.from_(table(relation), copy=False).group_by(
            *(column(key) for key in keys), copy=False
        )
        self.ctes.append((folded, grouped))
        maps = {
            c.name: self._map(state, c, relation, keys, self.path(path, c.name))
            for c in state.__columns__.values()
            if c.fold and c.fold.op == "keyed"
        }
        self.ctes.append((rows, _Finish(self.dialect, state, folded, maps, keys).query()))
        return rows

    def _aggregate(self, state: type[State], one: Column) -> exp.Expr:
        assert one.fold is not None
        try:
            return self.folds.aggregate(one.fold)
        except Unsupported as no:
            raise Unsupported(f"{state.__name__}.{one.name} {no}") from None

    def keyed(
        self, state: type[State], relation: str, keys: tuple[str, ...], key: str, path: str
    ) -> str:
        """Folds into rows of one more key: what came before a row was taken away is forgotten."""
        named = {**state.__keys__, **state.__gone__}
        key_of = self.folds.heard_value([Source(event, expr) for event, expr in named.items()])
        types = [event.__shape__.type for event in named]
        heard = exp.select(exp.Star(), alias(key_of, key)).from_(table(relation), copy=False)
        live = step("heard", path)
        self.ctes.append((live, heard.where(is_type(types))))
        if state.__gone__:
            live = self._alive(live, state, (*keys, key), path)
        return self.level(state, live, (*keys, key), path)

    def _alive(self, heard: str, state: type[State], keys: tuple[str, ...], path: str) -> str:
        gone = is_type([event.__shape__.type for event in state.__gone__])
        when_gone = exp.Max(this=exp.Case().when(gone, column("version")))
        window = exp.Window(this=when_gone, partition_by=[column(key) for key in keys])
        when = step("gone", path)
        marked = exp.select(exp.Star(), alias(window, when)).from_(table(heard), copy=False)
        self.ctes.append((step("marked", path), marked))
        last = exp.Coalesce(this=column(when), expressions=[exp.Literal.number(0)])
        alive = exp.select(exp.Star()).from_(table(step("marked", path)), copy=False)
        alive = alive.where(exp.GT(this=column("version"), expression=last))
        self.ctes.append((step("alive", path), alive))
        return step("alive", path)

    def _map(
        self, state: type[State], one: Column, relation: str, keys: tuple[str, ...], path: str
    ) -> str:
        """Inner rows, gathered into one map for each outer row, with the tallies asked of them."""
        row: type[State] = one.kind.row
        key = step("key", path)
        rows = self.keyed(row, relation, keys, key, path)
        struct = self.dialect.struct([(n, column(n), t) for n, t in row_fields(self.dialect, row)])
        inner = Scalars(self.dialect, lambda name: column(name.name), _no_size)
        gathered = [alias(self.dialect.map(column(key), struct), "rows")]
        gathered.append(alias(exp.Count(this=exp.Star()), "size"))
        for n, tally in enumerate(tallies(state, one.name)):
            holds = or_false(inner.sql(tally.args[1]))
            counted = exp.Sum(
                this=exp.Case().when(holds, exp.Literal.number(1)).else_(exp.Literal.number(0))
            )
            gathered.append(alias(exp.cast(counted, exp.DataType.Type.BIGINT), f"size_{n}"))
        query = exp.select(*(column(k) for k in keys), *gathered).from_(table(rows), copy=False)
        self.ctes.append((path, query.group_by(*(column(k) for k in keys), copy=False)))
        return path


def step(name: str, path: str) -> str:
    """What the statement names for itself: two underscores start no name that a domain gives."""
    return f"__{name}_{path}"


def _no_size(_: Op) -> exp.Expr:
    raise Unsupported("size(…, where=…) over rows inside rows: name it as a column of the row")


def row_fields(dialect: Dialect, row: type[State]) -> list[tuple[str, exp.DataType]]:
    """What an inner row shows, and as which types."""
    bigint = exp.DataType(this=exp.DataType.Type.BIGINT)
    shown: list[tuple[str, exp.DataType]] = [("version", bigint), ("changed_at", bigint)]
    for one in row.__columns__.values():
        if one.private:
            continue
        if one.kind.sort is Sort.ROWS:
            inner = dialect.struct_type(row_fields(dialect, one.kind.row))
            shown.append((one.name, dialect.map_type(inner)))
        else:
            shown.append((one.name, dialect.type(one.kind)))
    return shown


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


class _Finish:
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

    def query(self) -> exp.Expr:
        columns = [alias(self._column(one), one.name) for one in self.state.__columns__.values()]
        kept = [column(name, self.folded) for name in (*self.keys, *BUILT_IN)]
        query = exp.select(*kept, *columns).from_(table(self.folded), copy=False)
        for path in self.maps.values():
            same = [
                exp.EQ(this=column(k, path), expression=column(k, self.folded)) for k in self.keys
            ]
            query = query.join(table(path), on=exp.and_(*same), join_type="left", copy=False)
        return query

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
