"""Reactions: pure functions from an event, and the state just after it, to effects."""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from mainstem._effect import Effect
from mainstem._event import Event, Happened, record_of
from mainstem._function import takes
from mainstem._refusal import Mistake
from mainstem._spec import is_event
from mainstem._state import State
from mainstem._term import name_of

E = TypeVar("E", bound=Event)
E1 = TypeVar("E1", bound=Event)
E2 = TypeVar("E2", bound=Event)
E3 = TypeVar("E3", bound=Event)
S = TypeVar("S", bound=State)
React = Callable[[E, S], Iterable[Effect]]


@dataclass(frozen=True)
class Reaction(Generic[E, S]):
    """Its name is part of every intent's key: renaming it is a new reaction."""

    name: str
    events: tuple[type[Event], ...]
    state: type[State]
    react: React[E, S]

    def __call__(self, event: E, state: S, /) -> tuple[Effect, ...]:
        found: object = self.react(event, state)
        if not isinstance(found, Iterable):
            raise Mistake(f"{self.name} returns {type(found).__name__}; it yields effects")
        effects = tuple(found)
        for effect in effects:
            if not isinstance(effect, Effect):
                raise Mistake(f"{self.name} yields {effect!r}, which is no effect")
        return effects

    def state_after(self, history: Sequence[Happened], id: str) -> State:
        """What the last event is reacted on with: the state, or the row of its key."""
        if not self.state.__keys__:
            return self.state(id=id).after(history)
        last = history[-1]
        key = self.state.__machine__.keys[last.event.__shape__.type](record_of(last))
        return self.state(id=id, key=key).after(history)


@overload
def on(a: type[E1], /) -> Callable[[React[E1, S]], Reaction[E1, S]]: ...
@overload
def on(a: type[E1], b: type[E2], /) -> Callable[[React[E1 | E2, S]], Reaction[E1 | E2, S]]: ...
@overload
def on(
    a: type[E1], b: type[E2], c: type[E3], /
) -> Callable[[React[E1 | E2 | E3, S]], Reaction[E1 | E2 | E3, S]]: ...
def on(*events: type[Event]) -> Callable[[React[Any, Any]], Reaction[Any, Any]]:
    """This function reacts to these events, with the state as it stood just after each.

    A new reaction never fires for history.
    """

    heard = ", ".join(map(name_of, events))
    if not events or not all(is_event(event) for event in events):
        raise Mistake(f"@on({heard}): takes events, as in @on(Published)")
    if len(set(events)) < len(events):
        raise Mistake(f"@on({heard}): names one of them twice")

    def made(react: React[Any, Any]) -> Reaction[Any, Any]:
        name = react.__name__
        if not takes(react, 2, yields=True) or react.__qualname__ != name:
            raise Mistake(f"{name}: a reaction is a plain function of (event, state), in no class")
        return Reaction(name, events, _state(react, name, events), react)

    return made


def _state(react: Callable[..., Any], name: str, events: tuple[type[Event], ...]) -> type[State]:
    """The state a reaction asks for: its second parameter's annotation."""
    try:
        hints = typing.get_type_hints(react, vars(sys.modules[react.__module__]))
    except NameError as unknown:
        raise Mistake(f"{name}: {unknown}; define it above, and import it for real") from None
    asked = [hint for parameter, hint in hints.items() if parameter != "return"]
    if len(asked) != 2 or not (isinstance(asked[1], type) and issubclass(asked[1], State)):
        raise Mistake(f"{name}: a reaction is (event: Published, meetup: Meetup) -> effects")
    takes = typing.get_args(asked[0]) or (asked[0],)
    for event in events:
        if not any(isinstance(one, type) and issubclass(event, one) for one in takes):
            raise Mistake(f"{name}: hears {event.__name__} but takes {name_of(asked[0])}")
        if asked[1].__keys__ and event not in asked[1].__keys__:
            raise Mistake(f"{name}: {event.__name__} leaves no row of {asked[1].__name__} behind")
        if event.__module__ != asked[1].__module__:
            raise Mistake(f"{name}: {event.__name__} and {asked[1].__name__} are of two files")
    return asked[1]
