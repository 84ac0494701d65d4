"""Examples made from declarations: events, histories, commands and walks, as hypothesis strategies.

Text comes from a small pool more often than not, so that keys meet, owners return and names are
taken twice; what a caller has seen in a history is offered to the next command again.
"""

from __future__ import annotations

import string
import types
import typing
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any

import annotated_types
from hypothesis import reject
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from mainstem._event import Event
from mainstem._kind import EPOCH, MOMENT_MAX, WHOLE_MAX, Kind, Sort
from mainstem.discovery import Domain
from mainstem.envelope import Envelope

PEOPLE = ("ann", "bob", "eve@example.org", "zoë", "李", "😀", 'o\'k \\ "x"')
DAWN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=366)
LONG_AGO = datetime(1900, 1, 1)  # noqa: DTZ001  hypothesis adds the zone itself
TEXT = st.one_of(
    st.sampled_from((*PEOPLE, "", " ", "null", "a\nb", "ﬀ", "\uffff", "Z", "z")),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)
WHOLE = st.one_of(st.integers(-3, 12), st.integers(-(2**40), 2**40))
REAL = st.floats(allow_nan=False, allow_infinity=False, width=64)
NEAR = st.timedeltas(timedelta(0), YEAR).map(lambda span: DAWN + span)
FAR = st.datetimes(LONG_AGO, MOMENT_MAX.replace(tzinfo=None), timezones=st.just(UTC))


def values(kind: Kind) -> st.SearchStrategy[Any]:
    """Opened values of a kind."""
    if kind.optional:
        return st.none() | values(kind.maybe(False))
    if isinstance(kind.choices, type):
        return st.sampled_from(list(kind.choices))
    if kind.choices is not None:
        return st.sampled_from(kind.choices)
    if kind.item is not None:
        return st.lists(values(kind.item), max_size=3).map(tuple)
    return {
        Sort.TEXT: TEXT,
        Sort.WHOLE: WHOLE,
        Sort.REAL: REAL,
        Sort.TRUTH: st.booleans(),
        Sort.MOMENT: NEAR | FAR,
    }[kind.sort]


def events(event: type[Event]) -> st.SearchStrategy[Event]:
    """Events of a type, of any values that can be stored: history is not always reasonable."""
    fields = {one.name: values(one.kind) for one in event.__shape__.fields}
    return st.builds(event.model_construct, **fields)


def any_event(domain: Domain) -> st.SearchStrategy[Event]:
    return st.one_of([events(event) for event in domain.events.values()])


@st.composite
def histories(draw: st.DrawFn, domain: Domain, aggregates: int = 4) -> list[Envelope]:
    """Events of several aggregates, each numbered 1, 2, 3 …, interleaved as they may arrive."""
    found: list[Envelope] = []
    versions: dict[str, int] = {}
    for event in draw(st.lists(any_event(domain), min_size=1, max_size=24)):
        id = f"id-{draw(st.integers(1, aggregates))}"
        versions[id] = versions.get(id, 0) + 1
        at = (draw(NEAR) - EPOCH) // timedelta(microseconds=1)
        found.append(enveloped(domain, event, id, versions[id], at, draw(st.sampled_from(PEOPLE))))
    return found


def enveloped(domain: Domain, event: Event, id: str, version: int, at: int, by: str) -> Envelope:
    shape = event.__shape__
    return Envelope(
        tenant="main",
        domain=domain.name,
        id=id,
        version=version,
        type=shape.type,
        schema=shape.schema,
        at=at,
        by=by,
        data=shape.store(event),
    )


@dataclass(frozen=True)
class Bound:
    """The limits that annotations put on text and numbers."""

    low: Any = None
    high: Any = None
    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    examples: Sequence[Any] = ()


@st.composite
def bodies(draw: st.DrawFn, model: type[BaseModel], *pools: Sequence[Any]) -> Any:
    """A command with a valid body: of what a pool or examples offer, or of any that fits."""
    fields = {
        name: draw(_annotated(info.annotation, (*info.metadata, info), pools))
        for name, info in model.model_fields.items()
        if info.is_required() or draw(st.booleans())
    }
    try:
        return model(**fields)
    except ValidationError:
        reject()


def _annotated(annotation: Any, metadata: tuple[Any, ...], pools: Sequence[Any]) -> Any:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if hasattr(annotation, "__value__"):
        return _annotated(annotation.__value__, metadata, pools)
    if origin is typing.Annotated:
        return _annotated(args[0], (*metadata, *args[1:]), pools)
    if origin in (typing.Union, types.UnionType):
        return st.one_of([_annotated(arg, metadata, pools) for arg in args])
    bound = _bound(metadata)
    if origin is tuple:
        item = _annotated(args[0], (), pools)
        low, high = bound.min_length, min(bound.max_length or 3, 6)
        return st.lists(item, min_size=low, max_size=max(low, high)).map(tuple)
    if annotation is type(None):
        return st.none()
    sort = _SORTS.get(annotation)
    seen = ([one for one in pool if type(one) is sort] for pool in pools)
    *fit, shown = (_fitting(annotation, metadata, some) for some in (*seen, bound.examples))
    fresh = st.sampled_from(shown) if shown else _bounded(annotation, bound)
    return st.one_of([*(st.sampled_from(some) for some in fit if some), fresh])


_SORTS = {str: str, int: int, datetime: datetime, AwareDatetime: datetime}


def _fitting(annotation: Any, metadata: Iterable[Any], offered: Sequence[Any]) -> list[Any]:
    """Those that the field would take: a body that doesn't fit would end the whole walk."""
    rules: dict[Any, None] = {}  # each once, in order; an unhashable note is no rule of pydantic's
    for one in metadata:
        every = one.metadata if isinstance(one, FieldInfo) else (one,)
        rules |= dict.fromkeys(rule for rule in every if isinstance(rule, Hashable))
    return [one for one in offered if _fits(annotation, tuple(rules), one)]


@lru_cache(maxsize=10_000)
def _fits(annotation: Any, rules: tuple[Any, ...], value: Any) -> bool:
    try:
        _adapter(annotation, rules).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


@lru_cache(maxsize=1_000)
def _adapter(annotation: Any, rules: tuple[Any, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[annotation, *rules] if rules else annotation)


def _bounded(annotation: Any, bound: Bound) -> Any:
    if typing.get_origin(annotation) is typing.Literal:
        return st.sampled_from(typing.get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return st.sampled_from(list(annotation))
    if annotation is str:
        return _text(bound)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        low, high = bound.low, bound.high
        return st.integers(-12 if low is None else low, WHOLE_MAX if high is None else high)
    if annotation is float:
        return st.floats(bound.low, bound.high, allow_nan=False, allow_infinity=False)
    if annotation in (datetime, AwareDatetime):
        return NEAR | FAR
    return st.from_type(annotation)


def _text(bound: Bound) -> Any:
    if bound.pattern is not None:
        return st.from_regex(bound.pattern, fullmatch=True)
    most = min(bound.max_length or 12, 12)
    letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
    return st.text(
        letters | st.sampled_from(string.ascii_letters),
        min_size=bound.min_length,
        max_size=max(most, bound.min_length),
    )


def _bound(metadata: Iterable[Any]) -> Bound:
    found: dict[str, Any] = {}
    for one in _flat(metadata):
        for name, attributes in _LIMITS.items():
            for attribute in attributes:
                value = getattr(one, attribute, None)
                if value is not None and value != []:
                    found[name] = value
    if isinstance(found.get("pattern"), str) or "pattern" not in found:
        return Bound(**found)
    return Bound(**{**found, "pattern": found["pattern"].pattern})


_LIMITS = {
    "low": ("ge", "gt"),
    "high": ("le", "lt"),
    "min_length": ("min_length",),
    "max_length": ("max_length",),
    "pattern": ("pattern",),
    "examples": ("examples",),
}


def _flat(metadata: Iterable[Any]) -> Iterator[Any]:
    for one in metadata:
        yield one
        if isinstance(one, FieldInfo):
            yield from _flat(one.metadata)
        elif isinstance(one, annotated_types.GroupedMetadata):
            yield from _flat(one)


def values_in(history: Iterable[Event]) -> list[Any]:
    """Every text, whole number and moment that events carry, for the next command to meet again."""
    found = {value for event in history for _, value in event if type(value) in _SORTS}
    return sorted(found, key=lambda value: (type(value).__name__, value))
