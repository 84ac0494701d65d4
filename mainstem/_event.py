"""Events: frozen facts, and `Event.field` as a name for the value it carries."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, PydanticUserError
from pydantic_core import PydanticUndefined

from mainstem._fields import refuse_body, refuse_fields, refuse_top, unread
from mainstem._function import takes
from mainstem._kind import Sort, kind_of, micros, stored
from mainstem._refusal import Mistake, Unfit
from mainstem._shape import Data, FieldShape, Shape
from mainstem._source import refuse_untold
from mainstem._term import FieldTerm, name_of

if TYPE_CHECKING:  # pydantic's metaclass is private; `type(BaseModel)` is the public way to it
    from pydantic._internal._model_construction import ModelMetaclass
    from pydantic.fields import FieldInfo
else:
    ModelMetaclass = type(BaseModel)

ENVELOPE = frozenset(
    "tenant domain id version type schema at by command cause correlation data".split()
)
FEED = frozenset("shard sequence index producer n arrived dt hh key".split())
FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
FORMER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
FIELDS_MAX = 100
T = TypeVar("T")


def was(*names: str, **options: Any) -> Any:
    """A renamed field: older events carry it under one of these names, which SQL can read too."""
    return Field(json_schema_extra={"was": list(names)}, **options)


@dataclass_transform(kw_only_default=True, field_specifiers=(Field, was), frozen_default=True)
class EventMeta(ModelMetaclass):
    def __new__(mcs, name: str, bases: Any, namespace: Any, **options: Any) -> Any:
        if any(isinstance(base, EventMeta) for base in bases):
            for field in namespace.get("__annotations__", {}):
                _refuse_name(name, field)
            refuse_body(name, namespace, Event, open_to=frozenset())
        try:
            return super().__new__(mcs, name, bases, namespace, **options)
        except PydanticUserError as wrong:
            raise unread(name, wrong) from None

    if not TYPE_CHECKING:  # to a checker Renamed.title is the field itself, and a typo an error

        def __getattr__(cls, name):
            if not name.startswith("_") and name in cls.__dict__.get("__pydantic_fields__", {}):
                return FieldTerm(cls, name)
            if name.startswith("_"):
                return super().__getattr__(name)
            fields = ", ".join(cls.__dict__.get("__pydantic_fields__", ())) or "none"
            raise AttributeError(f"{cls.__name__} has no field {name}; it has {fields}")


class Event(BaseModel, metaclass=EventMeta):
    """A fact that has happened. Stored for ever: add fields with defaults, never rename or remove.

    `class Renamed(Event, was="Retitled")` reads what an older release stored under another name;
    `silent=True` says that no view is meant to hear it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
    __shape__: ClassVar[Shape]

    def __init_subclass__(cls, **_: Any) -> None:
        """Options are read below, once the fields are known."""

    @classmethod
    def __pydantic_init_subclass__(
        cls, *, was: str | tuple[str, ...] = (), silent: bool = False, **unknown: Any
    ) -> None:
        if unknown:
            raise Mistake(f"{cls.__name__}: no such option: {', '.join(unknown)}; was= and silent=")
        if not isinstance(silent, bool):
            raise Mistake(f"{cls.__name__}: silent= is True or False, not {silent!r}")
        _refuse_class(cls)
        former = _former(cls, was)
        fields = tuple(_field(cls, name, info) for name, info in cls.model_fields.items())
        refuse_fields(cls)
        cls.__shape__ = Shape(cls.__name__, fields, former, silent)
        _refuse_clashes(cls)

    def model_post_init(self, _: Any, /) -> None:
        """What can't be stored exactly is refused where the event is made."""
        for name in type(self).__pydantic_fields__:
            try:
                stored(getattr(self, name))
            except Unfit as no:
                raise ValueError(f"{type(self).__name__}.{name}: {no}") from None

    @classmethod
    def of(cls, data: Data, schema: int) -> Self:
        """The event that was stored so, whatever its age. Raises Unfit."""
        shape = cls.__shape__
        return cls.model_construct(**shape.open(shape.read(data, schema)))


# Pydantic builds events where they are defined, and never what they are made from.
del Event.model_config["defer_build"]


@dataclass(frozen=True)
class Happened:
    """An event with what its envelope says: what a `fold()` step and a test's history see."""

    event: Event
    at: datetime
    by: str
    version: int


def record_of(happened: Happened) -> Data:
    """The flat record that folds read: an event's fields beside what its envelope says."""
    record = happened.event.__shape__.store(happened.event)
    record.update(at=micros(happened.at), by=happened.by, version=happened.version)
    return record


def upcast(event: type[Event], *, of: int) -> Callable[[T], T]:
    """The function turns data stored as schema `of` into that of the next. Write one a change."""

    if getattr(event, "__shape__", None) is None:
        text = f"@upcast takes an event, as in @upcast(Renamed, of=1), not {name_of(event)}"
        raise Mistake(text)

    def add(function: T) -> T:
        if not takes(function, 1):
            raise Mistake(f"{event.__name__}: an upcast is a function from data to data")
        refuse_untold(function)
        known = len(event.__shape__.upcasts)
        if of != known + 1:
            raise Mistake(f"{event.__name__}: upcasts come in order; the next is of={known + 1}")
        event.__shape__.upcasts.append(function)  # type: ignore[arg-type]
        return function

    return add


def events_of(module: str) -> Iterator[type[Event]]:
    """The event types that a module defines."""
    for value in list(vars(sys.modules.get(module, object)).values()):
        if isinstance(value, type) and issubclass(value, Event) and value.__module__ == module:
            yield value


def _refuse_name(event: str, field: str) -> None:
    where = f"{event}.{field}"
    if not FIELD_NAME.fullmatch(field):
        raise Mistake(f"{where}: a field's name is snake_case ASCII, for SQL sees it as a column")
    if field in ENVELOPE | FEED:
        raise Mistake(f"{where}: the archive has a column of that name; call it something else")
    if hasattr(BaseModel, field) or hasattr(ModelMetaclass, field) or field in ("of", "was"):
        raise Mistake(f"{where}: shadows an attribute of every event; call it something else")


def _former(cls: type[Event], was: object) -> tuple[str, ...]:
    """The names that an event was stored under before, which no other event of the file has."""
    names = (was,) if isinstance(was, str) else was
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise Mistake(f"{cls.__name__}: was= is a name or a tuple of names, not {was!r}")
    others = [event for event in events_of(cls.__module__) if event.__name__ != cls.__name__]
    taken = {name for event in others for name in (event.__name__, *event.__shape__.was)}
    for name in (cls.__name__, *names):
        if not TYPE_NAME.fullmatch(name):
            raise Mistake(f"{cls.__name__}: was={name!r} is no name an event could have had")
        if name in taken:
            raise Mistake(f"{cls.__name__}: {name!r} names an event already, today or formerly")
        taken.add(name)
    return names


def _refuse_class(cls: type[Event]) -> None:
    refuse_top(cls)
    if not TYPE_NAME.fullmatch(cls.__name__):
        raise Mistake(f"{cls.__name__}: an event's name is CamelCase ASCII; it is stored for ever")
    if cls.__bases__ != (Event,):
        raise Mistake(f"{cls.__name__}: an event inherits from Event alone; facts are flat")
    if not cls.__pydantic_complete__:
        raise Mistake(f"{cls.__name__}: a field's type is unknown here; define it above the event")
    if len(cls.model_fields) > FIELDS_MAX:
        raise Mistake(f"{cls.__name__}: more than {FIELDS_MAX} fields; is it several events?")
    decorators = cls.__pydantic_decorators__
    for name in {**decorators.validators, **decorators.field_validators}:
        raise Mistake(
            f"{cls.__name__}.{name}: a fact is not judged again; commands have validators"
        )
    for name in {**decorators.root_validators, **decorators.model_validators}:
        raise Mistake(
            f"{cls.__name__}.{name}: a fact is not judged again; commands have validators"
        )
    for name in cls.__private_attributes__:
        raise Mistake(f"{cls.__name__}.{name}: a leading underscore would not be stored; drop it")


def _field(cls: type[Event], name: str, info: FieldInfo) -> FieldShape:
    where = f"{cls.__name__}.{name}"
    _refuse_name(cls.__name__, name)
    try:
        kind = kind_of(info.annotation)
        default = None if info.default is PydanticUndefined else stored(info.default)
    except Unfit as no:
        raise Mistake(f"{where}: {no}") from None
    if default is not None and kind.optional:
        raise Mistake(f"{where}: a field that may be None has None as its default, or none at all")
    if default is None and info.default is None and not kind.optional:
        raise Mistake(f"{where}: its default is None, so its type says `| None`")
    if kind.sort is Sort.REAL and type(info.default) is int:
        raise Mistake(f"{where}: its default {info.default!r} is whole; say {default}.0")
    return FieldShape(name, kind, info.is_required(), default, _was(where, info))


def _was(where: str, info: FieldInfo) -> tuple[str, ...]:
    """The former names of a field, checked for what they are; for clashes, see below."""
    extra: Any = info.json_schema_extra
    if not isinstance(extra, dict) or "was" not in extra:
        return ()
    names = extra["was"] if isinstance(extra["was"], list) else [extra["was"]]
    for name in names or [""]:
        if not isinstance(name, str) or not FORMER_NAME.fullmatch(name):
            raise Mistake(f"{where}: was({name!r}) is no name that SQL can read")
    return tuple(names)


def _refuse_clashes(cls: type[Event]) -> None:
    """One name means one thing: former names of a field, and one column a name in a domain."""
    taken = {one.name for one in cls.__shape__.fields}
    for one in cls.__shape__.fields:
        for former in one.was:
            if former in taken:
                raise Mistake(f"{cls.__name__}.{one.name}: {former!r} names another field as well")
            taken.add(former)
        for other in events_of(cls.__module__):
            _refuse_two_kinds(cls, one, other)


def _refuse_two_kinds(cls: type[Event], one: FieldShape, other: type[Event]) -> None:
    for its in other.__shape__.fields:
        if other.__name__ == cls.__name__:
            return  # an earlier version of it, of a file that was loaded again
        if its.name == one.name and its.kind.bare != one.kind.bare:
            raise Mistake(
                f"{cls.__name__}.{one.name} is {one.kind}, but {other.__name__}.{its.name} is "
                f"{its.kind}: one name is one column in SQL, so one kind in a domain"
            )
