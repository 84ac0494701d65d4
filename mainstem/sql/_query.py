"""One view, one statement: read the events, fold them into rows, finish the rows.

Every level of rows (the view's own, and those of each `keyed` map inside) is folded alike: events
are grouped by the keys so far, scalar folds become aggregates, maps of inner rows are joined on,
and derived columns are computed last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlglot import exp

from mainstem._column import Column
from mainstem._expr import Op
from mainstem._refusal import Unsupported
from mainstem._spec import Source
from mainstem._state import State
from mainstem.discovery import sql_name
from mainstem.sql._dialect import DIALECTS, Dialect, Field, text
from mainstem.sql._finish import BUILT_IN, Finish, public, row_fields, tallies
from mainstem.sql._folds import Folds
from mainstem.sql._read import EVENTS, Reading, alias, column, events_heard, is_type, table
from mainstem.sql._scalar import Scalars, or_false


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
    return Query(view, DIALECTS[dialect], raw=raw).statement(source).sql(dialect, pretty=True)


class Query:
    """The statement that folds events into finished rows. A subclass may want less of them."""

    folding: type[Folds] = Folds
    finishing: type[Finish] = Finish
    beside: tuple[str, ...] = ()  # what is counted of every group, besides what its state declares

    def __init__(
        self, view: type[State], dialect: Dialect, *, raw: bool = False, tenant: str | None = None
    ) -> None:
        self.view, self.dialect, self.tenant = view, dialect, tenant
        self.reading = Reading(dialect, tuple(dict.fromkeys(events_heard(view))), raw=raw)
        self.folds = self.folding(dialect, self.reading)
        self.ctes: list[tuple[str, exp.Expr]] = []
        self.paths: set[str] = set()

    def statement(self, source: str) -> exp.Expr:
        view, domain = self.view, self.view.__module__.rpartition(".")[2]
        keys: tuple[str, ...] = ("tenant", "id") if self.tenant is None else ("id",)
        if view.__keys__:
            rows = self.keyed(view, EVENTS, keys, "key", sql_name(view))
            keys = (*keys, "key")
        else:
            rows = self.level(view, EVENTS, keys, sql_name(view))
        shown = [one.name for one in self.shown(view)]
        named = (*keys, *BUILT_IN, *self.beside, *shown)
        whose = [] if self.tenant is None else [alias(text(self.tenant), "tenant")]
        final = exp.select(*whose, *map(column, named)).from_(table(rows), copy=False)
        source = source or ("raw" if self.reading.raw else f"{domain}_events")
        events = self.reading.relation(source, domain)
        for name, relation in [(EVENTS, events), *self.ctes]:
            final = final.with_(exp.to_identifier(name, quoted=True), as_=relation, copy=False)
        return final

    def shown(self, state: type[State]) -> list[Column]:
        """The columns that a row of this state has in the end."""
        return public(state)

    def counts(self) -> list[exp.Expr]:
        """What `beside` names."""
        return []

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
            *self.counts(),
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
        finish = self.finishing(self.dialect, state, folded, maps, keys)
        self.ctes.append((rows, finish.query(self.beside)))
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
        fields = row_fields(self.dialect, row, self.shown)
        named = [(name, column(name), type) for name, type in fields]
        gathered = [alias(self.gathered(column(key), named), "rows")]
        gathered += self.counted(state, one.name)
        query = exp.select(*(column(k) for k in keys), *gathered).from_(table(rows), copy=False)
        self.ctes.append((path, query.group_by(*(column(k) for k in keys), copy=False)))
        return path

    def gathered(self, key: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
        """An aggregate: the rows inside one outer row, by their keys."""
        return self.dialect.map(key, self.dialect.struct(fields))

    def counted(self, state: type[State], name: str) -> Iterable[exp.Expr]:
        """How many rows a map has, and how many of them hold each condition that is asked."""
        inner = Scalars(self.dialect, lambda name: column(name.name), _no_size)
        yield alias(exp.Count(this=exp.Star()), "size")
        for n, tally in enumerate(tallies(state, name)):
            holds = or_false(inner.sql(tally.args[1]))
            counted = exp.Sum(
                this=exp.Case().when(holds, exp.Literal.number(1)).else_(exp.Literal.number(0))
            )
            yield alias(exp.cast(counted, exp.DataType.Type.BIGINT), f"size_{n}")


def step(name: str, path: str) -> str:
    """What the statement names for itself: two underscores start no name that a domain gives."""
    return f"__{name}_{path}"


def _no_size(_: Op) -> exp.Expr:
    raise Unsupported("size(…, where=…) over rows inside rows: name it as a column of the row")
