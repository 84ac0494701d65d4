"""Rows in the making as SQL: the cells that the incremental evaluator would hold, to go on from.

There is no cell before its fold has heard something, and NULL says so: with its default in place, a
`first` would take it for the first value. A None that was carried says the same to a row as no cell
does, except to a `last` with another default; that one's statement brings the default along, and so
its NULL is a None.

Rows inside a row are a list of structs; in DuckDB JSON, by position, which it gathers sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlglot import exp

from mainstem._column import Column
from mainstem._machine import Cells
from mainstem._spec import Spec
from mainstem._state import State
from mainstem.sql._dialect import DIALECTS, Field, call
from mainstem.sql._finish import BUILT_IN, Finish
from mainstem.sql._folds import Folds
from mainstem.sql._query import Query
from mainstem.sql._read import alias, column

# Two underscores start no name that a domain gives.
MANY, SAID, KEY = "__many", "__said", "__key"
_decode = msgspec.json.Decoder(list[list[Any]]).decode


def cells(
    view: type[State], dialect: str = "duckdb", *, source: str = "", counted: bool = False,
    tenant: str | None = None,
) -> str:  # fmt: skip
    """The statement that computes the cells of a view's rows from typed columns.

    It has a column for each fold, private ones too; `cells_of` makes cells of a row that it finds.
    `source` is a table of typed columns, `<domain>_events` by default. `counted` says of each row
    how many events it was folded from, MANY, and the sum, bit by bit, of what each version says:
    how its hash differs from that of the one before, SAID; in DuckDB. Where all events are of one
    `tenant`, they are grouped by ids alone, which takes less.
    """
    assert not counted or dialect == "duckdb", "hashes are each engine's own"
    declared: Any = view
    return _text(declared, dialect, source, counted, tenant)


@lru_cache(maxsize=256)
def _text(view: Any, dialect: str, source: str, counted: bool, tenant: str | None) -> str:
    query = (_Counted if counted else _Cells)(view, DIALECTS[dialect], tenant=tenant)
    return query.statement(source).sql(dialect, pretty=True)


def cells_of(view: type[State], row: Mapping[str, Any]) -> Cells:
    """The cells in one row that `cells` found: to apply more events to, to finish, or to store."""
    declared: Any = view
    found = {name: row[name] for name in BUILT_IN}
    for name, inner, nullable in _folded(declared):
        value = row[name]
        if value is None and not nullable:
            continue
        found[name] = value if inner is None else _rows(inner, value)
    return found


def _rows(state: type[State], found: str | Iterable[Mapping[str, Any]]) -> dict[str, Cells]:
    if isinstance(found, str):
        names = (KEY, *BUILT_IN, *(one.name for one in _folds(state)))
        found = [dict(zip(names, row, strict=True)) for row in _decode(f"[{found}]")]
    return {row[KEY]: cells_of(state, row) for row in found}


@lru_cache(maxsize=256)
def _folded(state: Any) -> list[tuple[str, Any, bool]]:
    """Each fold's name, the state of its rows if it has any, and whether its NULL is a None."""
    return [(one.name, one.kind.row, _carries_none(one)) for one in _folds(state)]


def _folds(state: type[State]) -> list[Column]:
    return [one for one in state.__columns__.values() if one.fold is not None]


def _carries_none(one: Column) -> bool:
    assert one.fold is not None
    return one.kind.optional and one.fold.default is not None


class _Heard(Folds):
    """Folds that are NULL until they have heard something."""

    def _or_default(self, spec: Spec, found: exp.Expr) -> exp.Expr:
        return found

    def _or_empty(self, spec: Spec, found: exp.Expr) -> exp.Expr:
        if not self.dialect.gathers_none:
            return found
        return exp.Nullif(this=found, expression=self.dialect.array([], spec.kind))


class _Unfinished(Finish):
    """Folded columns with maps joined on, and nothing derived."""

    def _kept(self) -> list[Column]:
        return _folds(self.state)

    def _column(self, one: Column) -> exp.Expr:
        path = self.maps.get(one.name)
        return column(one.name, self.folded) if path is None else column("rows", path)


class _Cells(Query):
    folding, finishing = _Heard, _Unfinished

    def shown(self, state: type[State]) -> list[Column]:
        return _folds(state)

    def gathered(self, key: exp.Expr, fields: Sequence[Field]) -> exp.Expr:
        """A list, in no order: to make a map of it takes longer than to fold what is in it."""
        keyed = (KEY, key, exp.DataType(this=exp.DataType.Type.TEXT))
        return self.dialect.listed([keyed, *fields])

    def counted(self, state: type[State], name: str) -> Iterable[exp.Expr]:
        return ()  # what is derived is computed when the row is finished


class _Counted(_Cells):
    """With what shows whether a row's events are all there."""

    beside = (MANY, SAID)

    def counts(self) -> list[exp.Expr]:
        version = column("version")
        before = exp.Sub(this=version.copy(), expression=exp.Literal.number(1))
        step = call("XOR", call("HASH", version), call("HASH", before))
        return [alias(exp.Count(this=exp.Star()), MANY), alias(call("BIT_XOR", step), SAID)]
