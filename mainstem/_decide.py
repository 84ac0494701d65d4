"""Deciding: who may, what is refused, which events follow. Pure; whoever decides calls this."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mainstem._command import Asked, Command
from mainstem._compute import reader
from mainstem._effect import Grant
from mainstem._event import Event
from mainstem._mark import Readers, marks
from mainstem._refusal import Mistake, Unfit
from mainstem._refused import Forbidden, Missing, Refused
from mainstem._shape import Data
from mainstem._state import State
from mainstem._who import SYSTEM, Who, anyone, signed_in, system

EVENTS_PER_COMMIT_MAX = 100
EVENT_DATA_BYTES_MAX = 60 * 1024  # the envelope around it has its own share of 64 KB
COMMIT_BYTES_MAX = 256 * 1024
ANSWER_CHARACTERS_MAX = 1_024
ANSWERS = (str, int, bool, type(None), datetime, Grant)


@dataclass(frozen=True)
class Decision:
    """What a command decided: the events to commit, and its answer."""

    events: tuple[Event, ...]
    answer: Any = None


def decided(command: Command[Any], state: State, asked: Asked) -> Decision:
    """Raises Missing, Forbidden, TooSoon or Refused where the answer is no."""
    kind = type(command)
    missing = not state.exists and not kind.__starts__
    # Who may not in any case learns nothing of what there is.
    if not may(kind.__by__, state, asked.by, asked.roles) and not (missing and _of_columns(kind)):
        raise Forbidden(f"{asked.by or 'nobody'} may not {kind.__name__}")
    if missing:
        raise Missing(f"no such {kind.__state__.__name__.lower()}")
    return _run(command.asked(asked), state)


def _of_columns(kind: type[Command[Any]]) -> bool:
    """Whether a column says who may, so that nobody can tell where there is no row."""
    return any(isinstance(rule, str) for rule in kind.__by__)


def may(rules: Iterable[Who | str], state: State, by: str, roles: Collection[str]) -> bool:
    """Whether any rule lets this caller."""
    return any(_allows(rule, state, by, roles) for rule in rules)


def may_read(row: State, by: str, roles: Collection[str]) -> bool:
    """Whether any `readers` of the view let this caller read this row.

    A view without any is for signed-in callers, as a command without `by=` is.
    """
    rules = marks(type(row), Readers)
    if not rules:
        return may((signed_in,), row, by, roles)
    return any(
        may(rule.who, row, by, roles) and (rule.where is None or reader(rule.where)(row.row()))
        for rule in rules
    )


def _allows(rule: Who | str, state: State, by: str, roles: Collection[str]) -> bool:
    if isinstance(rule, Who):
        if rule is system:
            return by == SYSTEM
        return rule is anyone or (by != "" and (rule is signed_in or rule.role in roles))
    if not by:  # an empty column must not let in a caller without a name
        return False
    value = state._value(rule)
    return by == value if isinstance(value, str) else value is not None and by in value


def _run(command: Command[Any], state: State) -> Decision:
    name, module = type(command).__name__, type(state).__module__
    try:
        events, answer = _drained(command.decide(state), name)
    except Refused as no:
        if no.records is not None:
            _own(no.records, name, module)
        raise
    _refuse_much([_own(event, name, module) for event in events])
    if not isinstance(answer, ANSWERS) or len(str(answer)) > ANSWER_CHARACTERS_MAX:
        raise Mistake(f"{name} answers a {type(answer).__name__}; an answer is small: text, …")
    return Decision(events, answer)


def _refuse_much(stored: list[Data]) -> None:
    """What a commit could not hold is refused in words, while there is somebody to hear them."""
    if len(stored) > EVENTS_PER_COMMIT_MAX:
        raise Refused(f"too much at once: more than {EVENTS_PER_COMMIT_MAX} events")
    sizes = [len(repr(data).encode()) for data in stored]
    if max(sizes, default=0) > EVENT_DATA_BYTES_MAX or sum(sizes) > COMMIT_BYTES_MAX:
        raise Refused(f"too much at once: {sum(sizes)} bytes of data")


def _drained(steps: object, name: str) -> tuple[tuple[Event, ...], Any]:
    if not isinstance(steps, Iterable) or isinstance(steps, Event):
        raise Mistake(f"{name}.decide returns {type(steps).__name__}; it yields events")
    events: list[Event] = []
    following = iter(steps)
    try:
        while len(events) <= EVENTS_PER_COMMIT_MAX:  # one that never ends is refused as well
            events.append(next(following))
    except StopIteration as end:
        return tuple(events), end.value
    return tuple(events), None


def _own(event: object, name: str, module: str) -> Data:
    """The event as it will be stored."""
    if not isinstance(event, Event):
        raise Mistake(f"{name} yields {event!r}, which is no event")
    if type(event).__module__ != module:
        raise Mistake(f"{name} yields {type(event).__name__} of {type(event).__module__}; tell it")
    shape = event.__shape__
    try:
        data = shape.store(event)
        shape.read(data, shape.schema)
    except Unfit as no:  # model_construct and model_copy check nothing
        raise Mistake(f"{name} yields {event!r}, which could not be read again: {no}") from None
    return data
