"""What a list was asked for: its values as text, read by the kinds of their columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edge.parameters import Parameters
from edge.problems import invalid
from mainstem._column import BUILT_IN
from mainstem._kind import TEXT, WHOLE_MAX, Kind, Sort, micros
from mainstem._mark import Index
from mainstem._refusal import Unfit
from mainstem._state import State

WHOLE = r"-?[0-9]{1,16}"
REAL = r"-?[0-9]{1,32}(\.[0-9]{1,32})?([eE][+-]?[0-9]{1,3})?"
RULES = {
    Sort.TEXT: "is text",
    Sort.WHOLE: "is a whole number",
    Sort.REAL: "is a number",
    Sort.TRUTH: "is true or false",
    Sort.MOMENT: "is a moment, like 2026-01-31T09:00:00Z, or whole microseconds since 1970",
}


def values_of(state: type[State], index: Index, parameters: Parameters) -> list[Any]:
    """The values a list is of, as stored. None is asked for by leaving an optional one out."""
    return [_value(name, kind, parameters.take(name)) for name, kind in listed_by(state, index)]


def listed_by(state: type[State], index: Index) -> list[tuple[str, Kind]]:
    """The columns whose values a list is of; of a set, or of keyed rows, one member."""
    return [(name, _member(column_kind(state, name))) for name in index.by]


def column_kind(state: type[State], name: str) -> Kind:
    """The kind of any column, built in or not."""
    column = state.__columns__.get(name) or BUILT_IN[name]
    return column.kind


def _member(kind: Kind) -> Kind:
    if kind.sort is Sort.ROWS:
        return TEXT
    return kind if kind.item is None else kind.item


def _value(name: str, kind: Kind, text: str | None) -> Any:
    if text is None:
        if kind.optional:
            return None
        raise invalid(name, "is missing: the list is of one value of it")
    words = kind.words()
    if words is not None and text not in words:
        raise invalid(name, f"is one of {', '.join(sorted(words))}")
    try:
        return READS[kind.sort](text)
    except (KeyError, ValueError, OverflowError, Unfit):
        raise invalid(name, RULES[kind.sort]) from None


def _text(text: str) -> str:
    text.encode()  # half a character is in no row
    return text


def _whole(text: str) -> int:
    if not re.fullmatch(WHOLE, text) or not -WHOLE_MAX <= (number := int(text)) <= WHOLE_MAX:
        raise ValueError
    return number


def _real(text: str) -> float:
    if not re.fullmatch(REAL, text) or not math.isfinite(number := float(text)):
        raise ValueError
    return number + 0.0  # one zero, as it is stored


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _moment(text: str) -> int:
    try:
        return _whole(text)
    except ValueError:
        return micros(datetime.fromisoformat(text))


READS: Mapping[Sort, Any] = {
    Sort.TEXT: _text,
    Sort.WHOLE: _whole,
    Sort.REAL: _real,
    Sort.TRUTH: _truth,
    Sort.MOMENT: _moment,
}
