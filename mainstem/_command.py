"""Commands decide: pure, from what is asked and what has happened, to what happens next."""

from __future__ import annotations

import typing
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar, dataclass_transform

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, PydanticUserError

from mainstem._digits import Digits
from mainstem._event import FIELD_NAME, TYPE_NAME, Event
from mainstem._fields import refuse_body, refuse_fields, refuse_top, unread
from mainstem._function import takes
from mainstem._kind import Sort, stored
from mainstem._mark import held
from mainstem._refusal import Mistake, Unfit
from mainstem._state import State
from mainstem._term import ColumnTerm, name_of
from mainstem._who import Who, signed_in, system

if TYPE_CHECKING:  # pydantic's metaclass is private; `type(BaseModel)` is the public way to it
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

S = TypeVar("S", bound=State)
R = TypeVar("R")
FIXED = (tuple, frozenset, str, bytes)
Answer = Generator[Event, None, R]
_set = object.__setattr__


@dataclass(frozen=True)
class Asked:
    """What arrives with a command and is never in its body."""

    at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    by: str = ""
    roles: frozenset[str] = frozenset()
    tenant: str = "main"
    aggregate: str = ""
    command: uuid.UUID = uuid.UUID(int=0)
    key: bytes = b""


NOBODY = Asked()


def fresh_id(command: uuid.UUID, *names: str) -> str:
    return str(uuid.uuid5(command, "\0".join(names)))


@dataclass_transform(
    kw_only_default=True, field_specifiers=(Field, PrivateAttr), frozen_default=True
)
class CommandMeta(ModelMetaclass):
    def __new__(mcs, name: str, bases: Any, namespace: Any, **options: Any) -> Any:
        if bases and any(isinstance(base, CommandMeta) for base in bases):
            for field in namespace.get("__annotations__", {}):
                _refuse_field(name, field)
            refuse_body(name, namespace, Command, open_to=frozenset({"decide", "which"}))
        try:
            return super().__new__(mcs, name, bases, namespace, **options)
        except PydanticUserError as wrong:
            raise unread(name, wrong) from None


class Command(BaseModel, ABC, Generic[S], metaclass=CommandMeta):
    """A request, as data, with one pure `decide`.

    `starts=True` may create; `by=` says who may (signed-in callers by default); `again=True` where
    repeating is legitimate; `at=Meetup.due` makes it a timer's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
    __state__: ClassVar[type[State]]
    __starts__: ClassVar[bool] = False
    __by__: ClassVar[tuple[Who | str, ...]] = (signed_in,)
    __due__: ClassVar[str | None] = None
    __again__: ClassVar[bool] = False

    __slots__ = ("_asked", "_given")  # what pydantic neither sets up nor compares
    if TYPE_CHECKING:
        _asked: Asked = PrivateAttr(default_factory=Asked)
        _given: set[str] = PrivateAttr(default_factory=set)

    def __init_subclass__(cls, **_: Any) -> None:
        """Options are read below, once the fields are known."""

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        starts: bool = False,
        by: Any = None,
        at: Any = None,
        again: bool = False,
        **unknown: Any,
    ) -> None:
        if cls.__pydantic_generic_metadata__["origin"] is not None:
            return  # Command[Ticket] itself
        if unknown:
            options = "starts=, by=, at= and again="
            raise Mistake(f"{cls.__name__}: no such option: {', '.join(unknown)}; {options}")
        _refuse_class(cls)
        _refuse_values(cls)
        cls.__state__ = _state_of(cls)
        cls.__starts__, cls.__again__ = _bool(cls, "starts", starts), _bool(cls, "again", again)
        cls.__due__ = None if at is None else _due(cls, at)
        cls.__by__ = _rules(cls, by if by is not None else signed_in if at is None else system)

    def model_post_init(self, _: Any, /) -> None:
        """What no event could carry is refused at the edge, by the name of its field."""
        _set(self, "_asked", NOBODY)
        _set(self, "_given", set())
        for name in type(self).__pydantic_fields__:
            try:
                _storable(getattr(self, name))
            except Unfit as no:
                raise ValueError(f"{name}: {no}") from None

    @property
    def at(self) -> datetime:
        """When this was asked. The only clock there is."""
        return self._asked.at

    @property
    def by(self) -> str:
        """Who asked; empty when nobody signed in."""
        return self._asked.by

    def fresh(self, purpose: str = "") -> str:
        """A new id: the same one however often this command is retried. One for each purpose.

        The aggregate is part of it, for a caller may choose the id of a request.
        """
        if purpose in self._given:
            raise Mistake(f"{type(self).__name__}: fresh({purpose!r}) twice is the same id twice")
        self._given.add(purpose)
        asked, domain = self._asked, type(self).__state__.__module__.rpartition(".")[2]
        return fresh_id(asked.command, asked.tenant, domain, asked.aggregate, purpose)

    def proves(self, expected: Digits, given: str) -> bool:
        """Does the caller know the digits that only this application can make?"""
        asked = self._asked
        domain = type(self).__state__.__module__.rpartition(".")[2]
        return expected.match(given, asked.key, asked.tenant, domain, asked.aggregate)

    def which(self) -> str | None:
        """The aggregate meant, whatever the address says; where None, the address or a fresh id."""
        return None

    @abstractmethod
    def decide(self, state: S, /) -> Iterable[Event]:
        """What happens now: yield events, or raise Refused."""

    def asked(self, asked: Asked) -> Self:
        """This command, as it arrives with its circumstances."""
        copy = self.model_copy()
        _set(copy, "_asked", asked)
        _set(copy, "_given", set())
        return copy


# Pydantic builds commands where they are defined, and never what they are made from.
del Command.model_config["defer_build"]


def _storable(value: object) -> None:
    if isinstance(value, (str, int, float, datetime)):
        stored(value)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            _storable(one)


def _refuse_field(command: str, field: str) -> None:
    where = f"{command}.{field}"
    if field.startswith("_"):
        raise Mistake(f"{where}: a leading underscore would not be asked for; drop it")
    if not FIELD_NAME.fullmatch(field):
        raise Mistake(f"{where}: a field's name is snake_case ASCII")
    if hasattr(Command, field) or hasattr(ModelMetaclass, field):
        raise Mistake(f"{where}: shadows an attribute of every command; call it something else")


def _refuse_values(cls: type[Command[Any]]) -> None:
    """A lost race decides again, on the same command: so it holds nothing that can change."""
    refuse_fields(cls)
    for name, info in cls.model_fields.items():
        where = f"{cls.__name__}.{name}"
        _refuse_field(cls.__name__, name)
        _refuse_loose(where, info.annotation)
        try:
            _storable(info.default)
        except Unfit as no:
            raise Mistake(f"{where}: {no}") from None


def _refuse_loose(where: str, annotation: Any) -> None:
    kind = typing.get_origin(annotation) or annotation
    if kind in (Any, object):
        raise Mistake(f"{where}: could be anything; say what it is")
    if isinstance(kind, type) and issubclass(kind, Collection) and not issubclass(kind, FIXED):
        raise Mistake(f"{where}: a {kind.__name__} can change; say tuple[X, ...]")
    for inner in typing.get_args(annotation):
        _refuse_loose(where, inner)


def _refuse_class(cls: type[Command[Any]]) -> None:
    refuse_top(cls)
    if not TYPE_NAME.fullmatch(cls.__name__):
        raise Mistake(f"{cls.__name__}: a command's name is CamelCase ASCII")
    if not cls.__pydantic_complete__:
        raise Mistake(f"{cls.__name__}: a field's type is unknown here; define it above")
    if "decide" not in vars(cls):
        raise Mistake(f"{cls.__name__}: says no decide(self, state), so nothing would happen")
    if not takes(vars(cls)["decide"], 2, yields=True):
        raise Mistake(f"{cls.__name__}.decide: is a plain method, decide(self, state)")
    if not takes(vars(cls).get("which", Command.which), 1):
        raise Mistake(f"{cls.__name__}.which: is a plain method, which(self)")


def _state_of(cls: type[Command[Any]]) -> type[State]:
    metadata = getattr(cls.__bases__[0], "__pydantic_generic_metadata__", {"args": ()})
    (state,) = metadata["args"] or (None,)
    if len(cls.__bases__) > 1:
        raise Mistake(f"{cls.__name__}: a command inherits from Command[…] alone")
    if not (isinstance(state, type) and issubclass(state, State)):
        raise Mistake(f"{cls.__name__}: say what it decides on, as in Command[Ticket]")
    if state.__module__ != cls.__module__:
        raise Mistake(f"{cls.__name__}: decides on {state.__name__}, which is another file's")
    if state.__keys__:
        raise Mistake(f"{cls.__name__}: decides on a whole aggregate; {state.__name__} is a row")
    return state


def _bool(cls: type, option: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise Mistake(f"{cls.__name__}: {option}= is True or False, not {name_of(value)}")
    return value


def _due(cls: type[Command[Any]], at: object) -> str:
    state = cls.__state__
    if not isinstance(at, ColumnTerm):
        raise Mistake(f"{cls.__name__}: at= names a moment of {state.__name__}")
    if any(info.is_required() for info in cls.model_fields.values()):
        raise Mistake(f"{cls.__name__}: a timer asks with no body, so every field has a default")
    if "which" in vars(cls):
        raise Mistake(f"{cls.__name__}: a timer asks the aggregate whose it is; drop which()")
    expr = _of_state(cls, "at", lambda: state.__leaf__(at))
    if expr.kind.sort is not Sort.MOMENT:
        raise Mistake(f"{cls.__name__}: at={at!r} is {expr.kind}, not a moment")
    return at.name


def _rules(cls: type[Command[Any]], by: object) -> tuple[Who | str, ...]:
    rules = by if isinstance(by, tuple) else (by,)
    state = cls.__state__
    if not rules:
        raise Mistake(f"{cls.__name__}: by=() lets nobody; drop the command, or say who may")
    return tuple(_of_state(cls, "by", lambda r=rule: held(r, state.__leaf__)) for rule in rules)


def _of_state(cls: type, option: str, settle: Any) -> Any:
    try:
        return settle()
    except Mistake as wrong:
        raise Mistake(f"{cls.__name__}: {option}= {wrong}") from None
