"""Expressions compiled to closures over one record: the Python side of what sql/ says in SQL.

None has one meaning everywhere: arithmetic with it is None, an order with it does not hold, and it
equals itself only.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from mainstem._expr import Const, Expr, Name, Op
from mainstem._refusal import Unfit

BIGINT_MAX = 2**63 - 1
BIGINT_MIN = -BIGINT_MAX  # one number below is left out, so that each has its opposite
Read = Callable[[Mapping[str, Any]], Any]


def reader(expr: Expr) -> Read:
    """A function from a record (of an event, or of a row) to the expression's value."""
    if isinstance(expr, Name):
        return operator.itemgetter(expr.name)
    if isinstance(expr, Const):
        value = expr.value
        return (lambda record: value.copy()) if isinstance(value, list) else lambda record: value
    assert isinstance(expr, Op)
    if expr.sign == "size" and len(expr.args) == 2:
        return _tally(reader(expr.args[0]), reader(expr.args[1]))
    reads = tuple(reader(arg) for arg in expr.args)
    if expr.sign == "case":
        return _case(reads)
    if expr.sign == "shift":
        return _shift(reads, expr.span)
    return _applied(_SIGNS[expr.sign], reads)


def _applied(compute: Callable[..., Any], reads: tuple[Read, ...]) -> Read:
    """Written out for one and two arguments: this runs for every event, and a loop takes longer."""
    if len(reads) == 1:
        (only,) = reads
        return lambda record: compute(only(record))
    if len(reads) == 2:
        left, right = reads
        return lambda record: compute(left(record), right(record))
    return lambda record: compute(*(read(record) for read in reads))


def _tally(rows: Read, holds: Read) -> Read:
    return lambda record: sum(bool(holds(row)) for row in rows(record).values())


def _case(reads: tuple[Read, ...]) -> Read:
    *pairs, default = reads
    choices = tuple(zip(pairs[::2], pairs[1::2], strict=True))

    def read(record: Mapping[str, Any]) -> Any:
        for holds, value in choices:
            if holds(record):
                return value(record)
        return default(record)

    return read


def _shift(reads: tuple[Read, ...], span: int) -> Read:
    moment, *conditions = reads

    def read(record: Mapping[str, Any]) -> Any:
        value = moment(record)
        if value is None or not all(holds(record) for holds in conditions):
            return None
        return value + span

    return read


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda a, b: a is not None and b is not None and compare(a, b)


def _whole(compute: Callable[[int, int], int]) -> Callable[[Any, Any], int | None]:
    def safe(a: int | None, b: int | None) -> int | None:
        if a is None or b is None:
            return None
        result = compute(a, b)
        if not BIGINT_MIN <= result <= BIGINT_MAX:
            raise Unfit(f"{a} and {b} leave 64 bits, where engines wrap or fail")
        return result

    return safe


def _divided(compute: Callable[[int, int], int]) -> Callable[[Any, Any], int | None]:
    return lambda a, b: None if a is None or not b else compute(a, b)


_SIGNS: dict[str, Callable[..., Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "&": lambda a, b: bool(a and b),
    "|": lambda a, b: bool(a or b),
    "not": operator.not_,
    "+": _whole(operator.add),
    "-": _whole(operator.sub),
    "*": _whole(operator.mul),
    "//": _divided(operator.floordiv),
    "%": _divided(operator.mod),
    "neg": lambda a: None if a is None else -a,
    "coalesce": lambda *values: next((v for v in values if v is not None), None),
    "size": lambda many: 0 if many is None else len(many),
}
