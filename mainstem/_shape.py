"""Shapes: how one event type is stored, and read back whatever age it has.

Reading trusts nothing: it runs the coded upcasts, looks under former names, fills in defaults and
checks every value. What comes out is a flat record that folds, and the archive's columns, share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mainstem._kind import STORED_AS, WHOLE_MAX, Kind, Sort, stored
from mainstem._refusal import Unfit

Data = dict[str, Any]
Upcast = Callable[[Data], Data]


@dataclass(frozen=True)
class FieldShape:
    name: str
    kind: Kind
    required: bool
    default: Any = None  # as stored
    was: tuple[str, ...] = ()


@dataclass
class Shape:
    """One event type: its stored name, former names, fields, and the upcasts from older schemas."""

    type: str
    fields: tuple[FieldShape, ...]
    was: tuple[str, ...] = ()
    silent: bool = False
    upcasts: list[Upcast] = field(default_factory=list)

    @property
    def schema(self) -> int:
        """What new events are stored as: one more than the upcasts that lead here."""
        return 1 + len(self.upcasts)

    def read(self, data: Mapping[str, Any], schema: int) -> Data:
        """The fields as they mean today. Raises Unfit, naming the field and the rule."""
        if schema != 1 + len(self.upcasts):
            raised = self._raised(data, schema)
            found = self._plainly(raised) or self._closely(raised)
            return {name: stored(value) for name, value in found.items()}  # upcasts are code
        return self._plainly(data) or self._closely(data)

    def _closely(self, data: Mapping[str, Any]) -> Data:
        return {one.name: checked(one, data, data.get(one.name)) for one in self.fields}

    @cached_property
    def _plainly(self) -> Callable[[Mapping[str, Any]], Data | None]:
        from mainstem._plain import reading

        return reading(self.type, self.fields)

    def _raised(self, data: Mapping[str, Any], schema: int) -> Data:
        if not 1 <= schema <= self.schema:
            raise Unfit(f"{self.type}: schema {schema} is newer than this code's {self.schema}")
        raised = deepcopy(dict(data))  # an upcast may change it in place, and others read it too
        for upcast in self.upcasts[schema - 1 :]:
            raised = self._upcast(upcast, raised)
        return raised

    def _upcast(self, upcast: Upcast, data: Data) -> Data:
        name = getattr(upcast, "__name__", "upcast")
        try:
            raised = upcast(data)
        except Exception as error:  # the domain's code met data it did not expect
            raise Unfit(f"{self.type}: {name} failed: {error!r}") from error
        if not isinstance(raised, dict):
            raise Unfit(f"{self.type}: {name} gives {_brief(raised)}, not data")
        return raised

    def store(self, event: object) -> Data:
        """The stored fields of an event."""
        values = event.__dict__  # far quicker than asking for each
        return {one.name: stored(values[one.name]) for one in self.fields}

    def open(self, data: Mapping[str, Any]) -> Data:
        """The Python values of a record that was read."""
        return {one.name: one.kind.open(data[one.name]) for one in self.fields}


def checked(one: FieldShape, data: Mapping[str, Any], value: Any) -> Any:
    """A field's value as it means today: former names, defaults; or what is wrong."""
    for former in one.was:
        value = data.get(former) if value is None else value
    if value is None:
        return _absent(one)
    if not fits(one.kind, value):
        raise Unfit(f"{one.name}: {_brief(value)} is not {one.kind}")
    return _settled(one.kind, value)


def _settled(kind: Kind, value: Any) -> Any:
    """1 is a real number too, and -0.0 is 0.0, alone and in a list."""
    if kind.sort is Sort.REAL:
        return float(value) + 0.0
    return [_settled(kind.item, item) for item in value] if kind.item is not None else value


def _absent(one: FieldShape) -> Any:
    if one.required and not one.kind.optional:
        raise Unfit(f"{one.name}: missing")
    return one.default


def fits(kind: Kind, value: Any) -> bool:
    """Whether a decoded JSON value is one of this kind."""
    if kind.sort is Sort.REAL:
        return type(value) is float or (type(value) is int and abs(value) <= WHOLE_MAX)
    if type(value) is not STORED_AS[kind.sort]:
        return False
    if kind.item is not None:
        return isinstance(value, list) and all(fits(kind.item, item) for item in value)
    if type(value) is int:
        return -WHOLE_MAX <= value <= WHOLE_MAX
    words = kind.words()
    return words is None or value in words


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
