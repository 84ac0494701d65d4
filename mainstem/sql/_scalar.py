"""Expressions as SQL over one record's columns: the SQL side of what _compute.py does in Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from mainstem._expr import Const, Expr, Name, Op
from mainstem._kind import Kind, Sort
from mainstem.sql._dialect import Dialect

Column = Callable[[Name], exp.Expr]
Size = Callable[[Op], exp.Expr]
COMPARISONS: dict[str, type[exp.Binary]] = {
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


class Scalars:
    """Turns expressions into SQL, where `column` knows the names and `size` counts rows."""

    def __init__(self, dialect: Dialect, column: Column, size: Size | None = None) -> None:
        self.dialect, self.column, self.size = dialect, column, size

    def sql(self, expr: Expr) -> exp.Expr:
        if isinstance(expr, Name):
            return self.column(expr)
        if isinstance(expr, Const):
            return constant(self.dialect, expr.value, expr.kind)
        assert isinstance(expr, Op)
        if expr.sign == "size":
            assert self.size is not None, "an event has no rows to count"
            return self.size(expr)
        args = [self.sql(arg) for arg in expr.args]
        if expr.sign in ("&", "|", "not"):
            return _logic(expr.sign, [self._holds(arg) for arg in expr.args])
        if expr.sign == "case":
            return _case(args)
        if expr.sign == "coalesce":
            return exp.Coalesce(this=args[0], expressions=args[1:])
        if expr.sign == "shift":
            return _shift(args[0], expr.span, [self._holds(arg) for arg in expr.args[1:]])
        return self._binary(expr, args)

    def _binary(self, expr: Op, args: list[exp.Expr]) -> exp.Expr:
        exact = not any(arg.kind.optional for arg in expr.args)
        if expr.sign in ("==", "!="):
            return _equal(expr.sign, args, exact)
        if expr.sign in COMPARISONS:
            holds = COMPARISONS[expr.sign](this=args[0], expression=args[1])
            return exp.paren(holds) if exact else or_false(holds)
        if expr.sign in ARITHMETIC:
            return exp.paren(ARITHMETIC[expr.sign](this=args[0], expression=args[1]))
        if expr.sign == "neg":
            return exp.paren(exp.Neg(this=args[0]))
        return _floored(self.dialect, expr.sign, args)

    def _holds(self, expr: Expr) -> exp.Expr:
        """A condition that is never NULL: what is unknown does not hold."""
        return or_false(self.sql(expr)) if expr.kind.optional else self.sql(expr)


def constant(dialect: Dialect, value: Any, kind: Kind) -> exp.Expr:
    """A typed literal: a bare 1 is 32 bits wide to some engines, a bare 0.1 a decimal."""
    if value is None:
        return (
            exp.cast(exp.Null(), dialect.type(kind))
            if kind.sort is not Sort.NOTHING
            else exp.Null()
        )
    if kind.sort is Sort.LIST:
        assert kind.item is not None
        items = [constant(dialect, one, kind.item) for one in value]
        return dialect.array(items, kind)
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    number: exp.Expr = exp.Literal.number(repr(abs(value)))
    return exp.cast(exp.Neg(this=number) if value < 0 else number, dialect.type(kind))


def or_false(condition: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=condition, expressions=[exp.false()])


def _logic(sign: str, args: list[exp.Expr]) -> exp.Expr:
    if sign == "not":
        return exp.paren(exp.Not(this=exp.paren(args[0])))
    joined = exp.And if sign == "&" else exp.Or
    return exp.paren(joined(this=args[0], expression=args[1]))


def _equal(sign: str, args: list[exp.Expr], exact: bool) -> exp.Expr:
    left, right = args
    if exact:
        plain = exp.EQ if sign == "==" else exp.NEQ
        return exp.paren(plain(this=left, expression=right))
    safe = exp.NullSafeEQ if sign == "==" else exp.NullSafeNEQ
    return exp.paren(safe(this=left, expression=right))


def _case(args: list[exp.Expr]) -> exp.Expr:
    *pairs, default = args
    branches = exp.Case()
    for holds, value in zip(pairs[::2], pairs[1::2], strict=True):
        branches = branches.when(holds, value)
    return branches.else_(default)


def _shift(moment: exp.Expr, span: int, conditions: list[exp.Expr]) -> exp.Expr:
    sign = exp.Add if span >= 0 else exp.Sub
    moved = exp.paren(sign(this=moment, expression=exp.Literal.number(abs(span))))
    return exp.Case().when(exp.and_(*conditions), moved) if conditions else moved


def _floored(dialect: Dialect, sign: str, args: list[exp.Expr]) -> exp.Expr:
    """Python's // and %: they round down, where SQL's round towards zero. By zero it is NULL."""
    a = args[0]
    b = exp.Nullif(this=args[1], expression=exp.Literal.number(0))
    rest = exp.paren(exp.Mod(this=a.copy(), expression=b.copy()))
    low = exp.paren(exp.LT(this=rest.copy(), expression=exp.Literal.number(0)))
    negative = exp.paren(exp.LT(this=b.copy(), expression=exp.Literal.number(0)))
    some = exp.NEQ(this=rest.copy(), expression=exp.Literal.number(0))
    crooked = exp.and_(some, exp.NEQ(this=low, expression=negative))
    if sign == "%":
        fixed: exp.Expr = exp.Add(this=rest.copy(), expression=b.copy())
        return exp.Case().when(crooked, fixed).else_(rest)
    whole = exp.paren(dialect.truncated(a, b))
    one = exp.Sub(this=whole.copy(), expression=exp.Literal.number(1))
    return exp.Case().when(crooked, one).else_(whole)
