"""Kinds: the few types a stored value may have, and its two faces, stored and opened.

Stored values are JSON: text, whole numbers, real numbers, truth values, lists. A moment is stored
as whole microseconds since 1970 in UTC, so that every engine compares it alike. Opened values are
Python's.
"""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, StrEnum
from typing import Any

from pydantic import AwareDatetime

from mainstem._refusal import Unfit

WHOLE_MAX = 2**53 - 1  # beyond it JSON readers that use doubles round silently
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MOMENT_MAX = EPOCH + timedelta(microseconds=WHOLE_MAX)


class Sort(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    REAL = "real"
    TRUTH = "truth"
    MOMENT = "moment"
    LIST = "list"
    SET = "set"
    ROWS = "rows"
    PYTHON = "python"
    NOTHING = "nothing"


SCALARS = frozenset({Sort.TEXT, Sort.WHOLE, Sort.REAL, Sort.TRUTH, Sort.MOMENT})
ORDERED = frozenset({Sort.TEXT, Sort.WHOLE, Sort.REAL, Sort.MOMENT})
STORED_AS: dict[Sort, type] = {
    Sort.TEXT: str,
    Sort.WHOLE: int,
    Sort.REAL: float,
    Sort.TRUTH: bool,
    Sort.MOMENT: int,
    Sort.LIST: list,
    Sort.SET: list,
}


@dataclass(frozen=True)
class Kind:
    """What a value is: its sort, whether it may be None, and what a list holds."""

    sort: Sort
    optional: bool = False
    item: Kind | None = None
    choices: type[Enum] | tuple[str, ...] | None = None
    row: Any = None  # the State of a map's rows

    def __str__(self) -> str:
        if self.sort is Sort.NOTHING:
            return "None"
        name = self.choices.__name__ if isinstance(self.choices, type) else self.sort.value
        if isinstance(self.choices, tuple):
            name = f"one of {', '.join(self.choices)}"
        if self.item is not None:
            name = f"{self.sort.value} of {self.item}"
        return f"{name} or None" if self.optional else name

    @property
    def bare(self) -> tuple[Sort, Sort | None]:
        """What an engine sees of it: no None, no choices."""
        return self.sort, None if self.item is None else self.item.sort

    def maybe(self, optional: bool = True) -> Kind:
        return replace(self, optional=optional)

    def words(self) -> frozenset[str] | None:
        """The only texts allowed, where they are listed."""
        if self.choices is None:
            return None
        if isinstance(self.choices, tuple):
            return frozenset(self.choices)
        return frozenset(str(member.value) for member in self.choices)

    def same(self, other: Kind) -> bool:
        """Alike but for None: values of both may stand in one column."""
        return replace(self, optional=False) == replace(other, optional=False)

    def open(self, stored: Any) -> Any:
        """The Python value of a stored one."""
        if stored is None:
            return None
        if self.sort is Sort.MOMENT:
            return EPOCH + timedelta(microseconds=stored)
        if isinstance(self.choices, type):
            return self.choices(stored)
        if self.item is not None:
            many = frozenset if self.sort is Sort.SET else tuple
            return many(self.item.open(one) for one in stored)
        return stored


TEXT, WHOLE, REAL, TRUTH, MOMENT = (
    Kind(sort) for sort in (Sort.TEXT, Sort.WHOLE, Sort.REAL, Sort.TRUTH, Sort.MOMENT)
)
NOTHING = Kind(Sort.NOTHING, optional=True)
PLAIN: dict[Any, Kind] = {
    str: TEXT,
    int: WHOLE,
    float: REAL,
    bool: TRUTH,
    datetime: MOMENT,
    AwareDatetime: MOMENT,
}


def kind_of(annotation: Any) -> Kind:
    """The kind an annotation asks for. Raises Unfit, saying what to write instead."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if hasattr(annotation, "__value__"):  # `type Name = …`
        return kind_of(annotation.__value__)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return replace(TEXT, choices=annotation)
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(args[0])
    if origin is typing.Literal and all(isinstance(word, str) for word in args):
        return replace(TEXT, choices=tuple(sorted(args)))
    if origin in (typing.Union, types.UnionType):
        return _either(args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _many(kind_of(args[0]))
    raise Unfit(f"{_name(annotation)} is not stored; {_advice(annotation)}")


def _either(args: tuple[Any, ...]) -> Kind:
    found = [kind_of(arg) for arg in args if arg is not type(None)]
    if any(not kind.same(found[0]) for kind in found):
        raise Unfit(f"{' | '.join(map(_name, args))} mixes kinds; one field holds one kind")
    return found[0].maybe(len(found) < len(args) or found[0].optional)


def _many(item: Kind) -> Kind:
    if item.sort not in SCALARS or item.optional:
        raise Unfit(f"a list of {item} is not stored; make one event an item")
    return Kind(Sort.LIST, item=item)


def _name(annotation: Any) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)


def _advice(annotation: Any) -> str:
    name = _name(typing.get_origin(annotation) or annotation)
    return {
        "Decimal": "keep whole numbers, such as cents",
        "date": "keep a datetime, or text",
        "bytes": "keep it elsewhere, and its address here",
        "UUID": "keep it as str",
        "list": "say tuple[X, ...], which can't change",
        "set": "say tuple[X, ...], or one event an item",
        "frozenset": "say tuple[X, ...], or one event an item",
        "dict": "give each value a field, or make one event an item",
        "Any": "say what it is",
        "object": "say what it is",
    }.get(name, "a field is str, int, float, bool, datetime, a StrEnum or a tuple of these")


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC. A moment without a time zone is refused."""
    if moment.tzinfo is None:
        raise Unfit("a moment without a time zone is ambiguous; say which, such as UTC")
    if moment > MOMENT_MAX:
        raise Unfit(f"a moment is before {MOMENT_MAX.year}, or JSON readers would round it")
    return (moment - EPOCH) // MICROSECOND


def _within(number: int) -> int:
    if not -WHOLE_MAX <= number <= WHOLE_MAX:
        raise Unfit("whole numbers end at 2**53 - 1 either way, where JSON readers start rounding")
    return number


def stored(value: Any) -> Any:
    """The stored value of a Python one; Unfit where it can't be stored exactly."""
    plainly = _STORED.get(type(value))
    if plainly is not None:
        return plainly(value)
    match value:  # subclasses, and what holds several
        case None | bool():
            return value
        case Enum():
            return stored(value.value)
        case str():
            return _text(value)
        case int():
            return _within(value)
        case float():
            return _finite(value)
        case datetime():
            return micros(value)
        case tuple() | list():
            return [stored(one) for one in value]
        case frozenset():
            return sorted(stored(one) for one in value)
        case _:
            raise Unfit(f"{type(value).__name__} is not stored")


def _text(text: str) -> str:
    if "\0" in text:
        raise Unfit("text holds no U+0000, which some stores cut at")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Unfit("text holds no lone surrogates: they are no characters") from None
    return str(text)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise Unfit("a real number is finite; NaN and infinity compare differently everywhere")
    return number + 0.0  # one zero: -0.0 and 0.0 are told apart by some engines only


def _as_it_is(value: Any) -> Any:
    return value


# Nearly every value is one of these very types.
_STORED: Mapping[type, Callable[[Any], Any]] = {
    str: _text, int: _within, bool: _as_it_is, type(None): _as_it_is, float: _finite,
    datetime: micros,
}  # fmt: skip


def kind_of_value(value: Any) -> Kind:
    """The kind of a constant written in a domain file."""
    if value is None:
        return NOTHING
    if isinstance(value, StrEnum):
        return replace(TEXT, choices=type(value))
    if type(value) in PLAIN:
        return PLAIN[type(value)]
    if isinstance(value, (tuple, frozenset)):
        return _kind_of_many(value)
    raise Unfit(f"{type(value).__name__} is not stored")


def _kind_of_many(values: tuple[Any, ...] | frozenset[Any]) -> Kind:
    sort = Sort.SET if isinstance(values, frozenset) else Sort.LIST
    kinds = [kind_of_value(value) for value in values]
    if any(kind != kinds[0] for kind in kinds):
        raise Unfit("its items are of several kinds")
    return Kind(sort, item=kinds[0] if kinds else NOTHING)
