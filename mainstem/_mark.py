"""Marks: an index, a search document, a uniqueness claim, a reading rule. They compute nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from mainstem._expr import AT_ONCE, Expr, Leaf, Name, resolve
from mainstem._kind import ORDERED, SCALARS, Sort
from mainstem._refusal import Mistake
from mainstem._term import Term, name_of
from mainstem._who import Who


class Mark:
    """What was written; `settled` is what it means."""

    settled: Any

    def __init__(self, sort: str, terms: tuple[object, ...], **options: Any) -> None:
        self.sort, self.terms, self.options = sort, terms, options


@dataclass(frozen=True)
class Index:
    """A list of the rows that hold `where`: those equal in `by`, in `order`, unless it is None."""

    name: str
    by: tuple[str, ...]
    order: str | None
    newest_first: bool
    where: Expr | None = None


@dataclass(frozen=True)
class Search:
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Unique:
    """No two aggregates hold the same values here; None and "" claim nothing."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Readers:
    """Who may read a row: any of `who`, while `where` holds."""

    name: str
    who: tuple[Who | str, ...]
    where: Expr | None = None


Settled = Index | Search | Unique | Readers
M = TypeVar("M", Index, Search, Unique, Readers)


def marks(state: type, kind: type[M]) -> tuple[M, ...]:
    """Those of a state that are of one kind, in the order they stand in. Looked for once."""
    return _marks(cast("Hashable", state), cast("Hashable", kind))


@cache
def _marks(state: Any, kind: Any) -> tuple[Any, ...]:
    return tuple([mark for mark in state.__marks__.values() if isinstance(mark, kind)])


def index(
    *by: object, order: object = None, newest_first: bool = False, where: object = None
) -> Any:
    """A list: rows with these values, in this order. A set or keyed rows: one entry a member.

    A row is listed while `where` holds and its order is not None.
    """
    return Mark("index", by, order=order, newest_first=newest_first, where=where)


def search(*columns: object) -> Any:
    """Words of these text columns can be searched."""
    return Mark("search", columns)


def unique(*columns: object) -> Any:
    """A claim on these values, made in the commit's own transaction."""
    return Mark("unique", columns)


def readers(*who: object, where: object = None) -> Any:
    """Who may read a row: columns (their value or members), roles, anyone, signed_in, system."""
    return Mark("readers", who, where=where)


def settle(name: str, mark: Mark, leaf: Leaf) -> Settled:
    """What a mark means for the state it stands in, or a Mistake."""
    if not mark.terms and not (mark.sort == "index" and mark.options["order"] is not None):
        raise Mistake(f"{mark.sort}() names no column")
    if mark.sort == "index":
        return _index(name, mark, leaf)
    if mark.sort == "readers":
        return _readers(name, mark, leaf)
    if mark.sort == "search":
        return Search(name, _columns(mark, _text, leaf))
    return Unique(name, _columns(mark, _claimed, leaf))


def _index(name: str, mark: Mark, leaf: Leaf) -> Index:
    by = tuple(_column(term, leaf, SCALARS | {Sort.SET, Sort.ROWS}) for term in mark.terms)
    order = mark.options["order"]
    named = None if order is None else _column(order, leaf, ORDERED)
    newest_first = mark.options["newest_first"]
    if not isinstance(newest_first, bool):
        raise Mistake(f"newest_first= is True or False, not {name_of(newest_first)}")
    if newest_first and named is None:
        raise Mistake("newest_first= turns an order round, so order= says which")
    _refuse_twice((*by, *([named] if named else [])))
    return Index(name, by, named, newest_first, _condition(mark.options["where"], leaf))


def _columns(mark: Mark, column: Callable[[object, Leaf], str], leaf: Leaf) -> tuple[str, ...]:
    found = tuple(column(term, leaf) for term in mark.terms)
    _refuse_twice(found)
    return found


def _refuse_twice(names: tuple[str, ...]) -> None:
    for n, name in enumerate(names):
        if name in names[:n]:
            raise Mistake(f"names {name} twice")


def _readers(name: str, mark: Mark, leaf: Leaf) -> Readers:
    who = tuple(held(one, leaf) for one in mark.terms)
    return Readers(name, who, _condition(mark.options["where"], leaf))


def _condition(where: object, leaf: Leaf) -> Expr | None:
    if where is None:
        return None
    if isinstance(where, bool):
        raise Mistake(f"where={where} is settled already: {AT_ONCE}")
    expr = resolve(where, leaf)
    if expr.kind.sort is not Sort.TRUTH:
        raise Mistake(f"where={name_of(where)} is {expr.kind}, not a condition")
    return expr


def held(who: object, leaf: Leaf) -> Who | str:
    """A rule about the caller: a Who, or the name of a column that holds the caller's name."""
    if isinstance(who, Who):
        return who
    if isinstance(who, Term):
        expr = resolve(who, leaf)
        item = expr.kind.item if expr.kind.item is not None else expr.kind
        if isinstance(expr, Name) and (item.sort is Sort.TEXT or expr.kind.sort is Sort.ROWS):
            return expr.name
    if who is id:
        raise Mistake("`id` is Python's own function here; say View.id or State.id")
    raise Mistake(
        f"{name_of(who)} says not who; name a column of text, a set of text or keyed rows, or say "
        'role("…"), anyone, signed_in, system'
    )


def _column(term: object, leaf: Leaf, sorts: frozenset[Sort]) -> str:
    if not isinstance(term, Term):
        raise Mistake(f"{name_of(term)} is no column")
    expr = resolve(term, leaf)
    if not isinstance(expr, Name):
        raise Mistake(f"{name_of(term)} is computed here; give it a name as a column first")
    if expr.kind.sort not in sorts:
        raise Mistake(f"{expr.name} is {expr.kind}, which can't stand here")
    return expr.name


def _text(term: object, leaf: Leaf) -> str:
    name = _column(term, leaf, frozenset({Sort.TEXT, Sort.SET, Sort.LIST}))
    kind = resolve(term, leaf).kind
    if (kind.item or kind).sort is not Sort.TEXT:
        raise Mistake(f"{name} is {kind}; search takes text")
    if name.startswith("_"):
        raise Mistake(f"{name} is never shown, and what is found by a word is told by it")
    return name


def _claimed(term: object, leaf: Leaf) -> str:
    return _column(term, leaf, frozenset({Sort.TEXT, Sort.WHOLE}))
