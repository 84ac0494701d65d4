"""The vocabulary of folds. A fold is data: what it hears and how values combine, no loop.

To a type checker these functions return the value the column will have; at run time they return
descriptions that _spec.py settles when the class is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, overload

from mainstem._event import Event, Happened
from mainstem._refusal import Mistake
from mainstem._term import OpTerm, SaysTerm, Several, StampTerm, Term

if TYPE_CHECKING:
    from mainstem._state import State

T = TypeVar("T")
R = TypeVar("R", bound="State")
Where = bool | type[Event] | tuple[bool | type[Event], ...] | None
Events = type[Event] | tuple[type[Event], ...]


class Fold(Term):
    """What a column will be computed by, before its class is complete."""

    name = ""
    place = ""

    def __init__(self, op: str, sources: tuple[Any, ...], **options: Any) -> None:
        self.op, self.sources, self.options = op, sources, options

    def __set_name__(self, owner: type, name: str) -> None:
        place = f"{owner.__name__}.{name}"
        if self.place:
            self.options["twice"] = f"{self.place} and {place}"
        self.name, self.place = name, place

    def __repr__(self) -> str:
        return self.name or f"{self.op}(…)"


@overload
def last(*sources: T, where: Where = None) -> T | None: ...
@overload
def last(*sources: T, default: T, where: Where = None) -> T: ...
def last(*sources: Any, default: Any = None, where: Where = None) -> Any:
    """The value most recently carried; None where that event carried None."""
    return Fold("last", sources, default=default, where=where)


@overload
def first(*sources: T, where: Where = None) -> T | None: ...
@overload
def first(*sources: T, default: T, where: Where = None) -> T: ...
def first(*sources: Any, default: Any = None, where: Where = None) -> Any:
    """The first value carried that is not None, and kept."""
    return Fold("first", sources, default=default, where=where)


def latest(*sources: T, n: int, where: Where = None) -> tuple[T, ...]:
    """The last n values carried, newest first."""
    return Fold("latest", sources, n=n, where=where)  # type: ignore[return-value]


def count(*events: type[Event], where: Where = None) -> int:
    """How many of these have happened."""
    return Fold("count", events, where=where)  # type: ignore[return-value]


def total(*sources: int | None, where: Where = None) -> int:
    """The sum of these whole numbers; None adds nothing."""
    return Fold("total", sources, where=where)  # type: ignore[return-value]


@overload
def lowest(*sources: T | None, where: Where = None) -> T | None: ...
@overload
def lowest(*sources: T | None, default: T, where: Where = None) -> T: ...
def lowest(*sources: Any, default: Any = None, where: Where = None) -> Any:
    """The lowest value ever carried; text compares by its UTF-8 bytes."""
    return Fold("lowest", sources, default=default, where=where)


@overload
def highest(*sources: T | None, where: Where = None) -> T | None: ...
@overload
def highest(*sources: T | None, default: T, where: Where = None) -> T: ...
def highest(*sources: Any, default: Any = None, where: Where = None) -> Any:
    """The highest value ever carried; text compares by its UTF-8 bytes."""
    return Fold("highest", sources, default=default, where=where)


def distinct(*sources: T | None, where: Where = None) -> frozenset[T]:
    """The distinct values ever carried; None is no member."""
    return Fold("distinct", sources, where=where)  # type: ignore[return-value]


def flag(*, on: Events, off: Events = (), where: Where = None) -> bool:
    """True after any event of `on`, false after any of `off` and before all."""
    ons = on if isinstance(on, tuple) else (on,)
    offs = off if isinstance(off, tuple) else (off,)
    sources = [SaysTerm(e, True) for e in ons] + [SaysTerm(e, False) for e in offs]
    return Fold("flag", tuple(sources), default=False, where=where)  # type: ignore[return-value]


def keyed(row: type[R]) -> Mapping[str, R]:
    """A map of rows, one for each key of `row`, sorted by key."""
    return Fold("keyed", (), row=row)  # type: ignore[return-value]


def fold(initial: T, steps: Mapping[type[Event], Callable[[T, Happened], T]]) -> T:
    """The escape hatch: pure Python, a step for each event. Works everywhere, rebuilds slower.

    The value is text, a number, a truth value, None, or tuples and dicts of these.
    """
    return Fold("python", (), initial=initial, steps=steps)  # type: ignore[return-value]


def at(*events: type[Event]) -> datetime:
    """When these happened."""
    return _stamps("at", events)  # type: ignore[no-any-return]


def by(*events: type[Event]) -> str:
    """Who did these."""
    return _stamps("by", events)  # type: ignore[no-any-return]


def _stamps(name: str, events: tuple[type[Event], ...]) -> Any:
    terms = tuple(StampTerm(event, name) for event in events)
    return terms[0] if len(terms) == 1 else Several(terms)


def says(value: T, *events: type[Event]) -> T:
    """A constant these events stand for: `last(says("live", Published), …)`."""
    return Several(tuple(SaysTerm(event, value) for event in events))  # type: ignore[return-value]


def size(rows: object, *, where: bool | None = None) -> int:
    """How many keyed rows, set members or list items; or how many rows hold a condition."""
    args = (rows,) if where is None else (rows, where)
    return OpTerm("size", args)  # type: ignore[return-value]


def later(moment: datetime | None, *, where: bool | None = None, **span: int) -> datetime | None:
    """A moment later than this one; None where the condition does not hold. Whole units."""
    return _shift("later", moment, where, span, 1)  # type: ignore[no-any-return]


def before(moment: datetime | None, *, where: bool | None = None, **span: int) -> datetime | None:
    """A moment before this one; None where the condition does not hold. Whole units."""
    return _shift("before", moment, where, span, -1)  # type: ignore[no-any-return]


SPAN_DAYS_MAX = 36_525  # a hundred years
UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def _shift(name: str, moment: Any, where: Any, span: dict[str, int], way: int) -> Any:
    for unit, amount in span.items():
        if unit not in UNITS or type(amount) is not int or amount < 0:
            raise Mistake(f"{name}(…, {unit}={amount!r}): whole {', '.join(UNITS)}, none negative")
    micros = sum(UNITS[unit] * amount for unit, amount in span.items()) * 1_000_000
    if not micros:
        raise Mistake(f"{name}(…): says no span; add days=, hours= …")
    if micros > SPAN_DAYS_MAX * UNITS["days"] * 1_000_000:
        raise Mistake(f"{name}(…): {SPAN_DAYS_MAX} days at most, or the calendar would end")
    args = (moment,) if where is None else (moment, where)
    return OpTerm("shift", args, span=way * micros, name=name)


def not_(condition: bool) -> bool:
    """The opposite of a condition; what is None does not hold, so its opposite does."""
    return OpTerm("not", (condition,))  # type: ignore[return-value]


@overload
def coalesce(value: T | None, default: T, /) -> T: ...
@overload
def coalesce(value: T | None, second: T | None, default: T, /) -> T: ...
def coalesce(*values: Any) -> Any:
    """The first of these that is not None."""
    if len(values) < 2:
        raise Mistake("coalesce(…) takes two values or more")
    return OpTerm("coalesce", values)


def case(*pairs: tuple[bool, T], default: T) -> T:
    """The value beside the first condition that holds: `case((n > 9, "hot"), default="cold")`."""
    if not pairs or any(len(pair) != 2 for pair in pairs):
        raise Mistake("case(…) takes (condition, value) pairs, then default=")
    flat = tuple(part for pair in pairs for part in pair)
    return OpTerm("case", (*flat, default))  # type: ignore[return-value]
