"""Reading in C what is stored as it would be written today, which nearly every event is.

A module of its own, since msgspec takes long to import and only what consumes events needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from msgspec import Meta, ValidationError, convert, defstruct
from msgspec.structs import asdict

from mainstem._kind import WHOLE_MAX, Kind, Sort
from mainstem._shape import Data, FieldShape, checked

Reading = Callable[[Mapping[str, Any]], Data | None]
Whole = Annotated[int, Meta(ge=-WHOLE_MAX, le=WHOLE_MAX)]
TYPES: dict[Sort, Any] = {
    Sort.TEXT: str,
    Sort.TRUTH: bool,
    Sort.WHOLE: Whole,
    Sort.MOMENT: Whole,
    Sort.REAL: Any,  # `checked` settles it
}


def reading(name: str, fields: Sequence[FieldShape]) -> Reading:
    """A function from stored data to its fields; None where something needs a closer look."""
    known = defstruct(name, [_field(one) for one in fields], kw_only=True, gc=False)

    def read(data: Mapping[str, Any]) -> Data | None:
        try:
            return asdict(convert(data, known))
        except ValidationError:
            return None

    reals = [one for one in fields if Sort.REAL in _sorts(one.kind)]
    return _settling(read, reals) if reals else read


def _settling(read: Reading, reals: Sequence[FieldShape]) -> Reading:
    def settled(data: Mapping[str, Any]) -> Data | None:
        record = read(data)
        if record is not None:
            for one in reals:
                record[one.name] = checked(one, data, record[one.name])
        return record

    return settled


def _sorts(kind: Kind) -> set[Sort]:
    return {kind.sort} if kind.item is None else {kind.sort, kind.item.sort}


def _field(one: FieldShape) -> tuple[str, Any] | tuple[str, Any, Any]:
    """Its default stands in for a missing value, unless that could stand under a former name."""
    type = _type(one.kind)
    if one.was or one.kind.item is not None or (one.required and not one.kind.optional):
        return one.name, type
    return one.name, type | None if one.kind.optional else type, one.default


def _type(kind: Kind) -> Any:
    """A kind's stored values in msgspec's words, None apart."""
    words = kind.words()
    if words is not None:
        return Literal[*sorted(words)]
    return list[_type(kind.item)] if kind.item is not None else TYPES[kind.sort]  # type: ignore[misc]
