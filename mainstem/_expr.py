"""Expressions: what terms mean, each with its kind. Data that every evaluator reads.

An event is read as one flat record (its fields beside `at`, `by` and `version`) and a row as its
columns, so a leaf is a name in a record; `resolve` turns terms into these, or says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from mainstem._kind import (
    NOTHING,
    ORDERED,
    SCALARS,
    TRUTH,
    WHOLE,
    Kind,
    Sort,
    kind_of_value,
    stored,
)
from mainstem._refusal import Mistake, Unfit
from mainstem._term import OpTerm, Term, name_of


@dataclass(frozen=True)
class Expr:
    kind: Kind


@dataclass(frozen=True)
class Name(Expr):
    """A name in the record at hand: a field, an envelope value or a column."""

    name: str


@dataclass(frozen=True)
class Const(Expr):
    """A constant, as it is stored."""

    value: Any


@dataclass(frozen=True)
class Op(Expr):
    """A sign over arguments. `span` belongs to shift, in microseconds."""

    sign: str
    args: tuple[Expr, ...]
    span: int = 0


AT_ONCE = "`is`, `in` and plain values are; say ==, !=, & and |"
Leaf = Callable[[Term], Expr]
COMPARED = frozenset({"==", "!="})
ORDERING = frozenset({"<", "<=", ">", ">="})
LOGIC = frozenset({"&", "|", "not"})
ARITHMETIC = frozenset({"+", "-", "*", "//", "%", "neg"})


def resolve(value: object, leaf: Leaf) -> Expr:
    """What a term or constant means, where `leaf` knows the names."""
    if not isinstance(value, Term):
        return constant(value)
    return leaf(value) if not isinstance(value, OpTerm) or value.name else computed(value, leaf)


def computed(value: OpTerm, leaf: Leaf) -> Expr:
    """What an operator over terms means, even where it has a column's name."""
    if value.sign == "size":
        return _size(value, leaf)
    args = _alike(value, tuple(resolve(arg, leaf) for arg in value.args))
    _refuse_settled(value, args)
    return Op(_kind(value, args), value.sign, args, value.options.get("span", 0))


def constant(value: object) -> Const:
    try:
        return Const(kind_of_value(value), stored(value))
    except Unfit as no:
        raise Mistake(f"{name_of(value)} is no constant here: {no}") from None


def leaves(expr: Expr) -> Iterator[Expr]:
    """Names and constants, left to right; the insides of `size` belong to another record."""
    if not isinstance(expr, Op):
        yield expr
    else:
        for arg in expr.args[:1] if expr.sign == "size" else expr.args:
            yield from leaves(arg)


def ops(expr: Expr) -> Iterator[Op]:
    """Every operator in an expression, the insides of `size` apart."""
    if isinstance(expr, Op):
        yield expr
        for arg in expr.args[:1] if expr.sign == "size" else expr.args:
            yield from ops(arg)


def _size(term: OpTerm, leaf: Leaf) -> Expr:
    column = resolve(term.args[0], leaf)
    if column.kind.sort not in (Sort.ROWS, Sort.SET, Sort.LIST):
        raise Mistake(f"{term.spelled()}: size counts rows, a set or a list, not {column.kind}")
    if len(term.args) == 1:
        return Op(WHOLE, "size", (column,))
    if column.kind.sort is not Sort.ROWS:
        raise Mistake(f"{term.spelled()}: only keyed rows have columns for where= to look at")
    held = resolve(term.args[1], column.kind.row.__leaf__)
    _must(held.kind.sort is Sort.TRUTH, term, "where= is a condition")
    _refuse_settled(term, (column, held))
    named = {found.name for found in leaves(held) if isinstance(found, Name)}
    _must(not named & {"id", "key"}, term, "id and key are no columns; compute with columns")
    return Op(WHOLE, "size", (column, held))


def _refuse_settled(term: OpTerm, args: tuple[Expr, ...]) -> None:
    """`name is None` is False before anything has happened, and would be for ever."""
    conditions = {"case": args[:-1:2], "shift": args[1:], "size": args[1:]}
    for arg in args if term.sign in LOGIC else conditions.get(term.sign, ()):
        if isinstance(arg, Const) and isinstance(arg.value, bool):
            raise Mistake(f"{term.spelled()}: {arg.value} is settled already: {AT_ONCE}")


def _alike(term: OpTerm, args: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Whole constants beside real values become real; constants beside choices must be one."""
    if any(arg.kind.sort is Sort.REAL for arg in args):
        args = tuple(_real(arg) for arg in args)
    if term.sign in COMPARED | ORDERING and len(args) == 2:
        return (_choice(term, args[0], args[1]), _choice(term, args[1], args[0]))
    return args


def _real(arg: Expr) -> Expr:
    if isinstance(arg, Const) and arg.kind == WHOLE:
        return Const(replace(arg.kind, sort=Sort.REAL), float(arg.value))
    return arg


def _choice(term: OpTerm, arg: Expr, beside: Expr) -> Expr:
    words = beside.kind.words()
    if not isinstance(arg, Const) or words is None or arg.kind.sort is not Sort.TEXT:
        return arg
    if arg.value not in words:
        raise Mistake(f"{term.spelled()}: {arg.value!r} is not among {', '.join(sorted(words))}")
    return Const(beside.kind.maybe(False), arg.value)


def _kind(term: OpTerm, args: tuple[Expr, ...]) -> Kind:
    kinds = [arg.kind for arg in args]
    if term.sign in COMPARED:
        return _compared(term, kinds)
    if term.sign in ORDERING:
        return _ordered(term, kinds)
    if term.sign in LOGIC:
        _must(_all(kinds, Sort.TRUTH), term, "&, | and not_ take conditions")
        return TRUTH
    if term.sign in ARITHMETIC:
        _must(_all(kinds, Sort.WHOLE), term, "arithmetic takes whole numbers, such as cents")
        return WHOLE.maybe(any(kind.optional for kind in kinds) or term.sign in ("//", "%"))
    if term.sign == "coalesce":
        return _united(term, kinds).maybe(all(kind.optional for kind in kinds))
    if term.sign == "case":
        return _case(term, kinds)
    assert term.sign == "shift", term.sign
    _must(kinds[0].sort is Sort.MOMENT, term, "before and later take a moment")
    _must(_all(kinds[1:], Sort.TRUTH), term, "where= is a condition")
    return kinds[0].maybe(kinds[0].optional or len(kinds) > 1)


def _compared(term: OpTerm, kinds: list[Kind]) -> Kind:
    for kind in kinds:
        _must(kind.sort in SCALARS | {Sort.NOTHING}, term, f"a {kind} is not compared")
    _united(term, kinds)
    return TRUTH


def _ordered(term: OpTerm, kinds: list[Kind]) -> Kind:
    for kind in kinds:
        _must(kind.sort in ORDERED, term, f"a {kind} has no order")
        _must(kind.choices is None, term, f"a {kind} has no order but its spelling's")
    _united(term, kinds)
    return TRUTH


def _case(term: OpTerm, kinds: list[Kind]) -> Kind:
    *pairs, otherwise = kinds
    _must(_all(pairs[::2], Sort.TRUTH), term, "each case starts with a condition")
    return _united(term, [*pairs[1::2], otherwise])


def _united(term: OpTerm, kinds: list[Kind]) -> Kind:
    try:
        return united(kinds)
    except Unfit as no:
        raise Mistake(f"{term.spelled()} {no}") from None


def united(kinds: list[Kind]) -> Kind:
    """The one kind that all of these are, None apart."""
    some = [kind for kind in kinds if kind.sort is not Sort.NOTHING]
    if not some:
        return NOTHING
    for kind in some[1:]:
        if not kind.same(some[0]):
            raise Unfit(f"mixes {some[0]} and {kind}")
    return some[0].maybe(len(some) < len(kinds) or any(kind.optional for kind in some))


def _all(kinds: list[Kind], sort: Sort) -> bool:
    return all(kind.sort is sort for kind in kinds)


def _must(holds: bool, term: OpTerm, rule: str) -> None:
    if not holds:
        raise Mistake(f"{term.spelled()}: {rule}")
