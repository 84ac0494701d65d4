"""Sinks: what events flow into. A state of a domain, and all that follows from its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mainstem._command import Command
from mainstem._event import Event
from mainstem._mark import Index, Search, Unique, marks
from mainstem._reaction import Reaction
from mainstem._state import State, View
from mainstem.discovery import Domain
from mainstem.fingerprint import printed

Reactions = tuple[tuple[str, Reaction[Any, Any]], ...]


@dataclass(frozen=True, eq=False)
class Sink:
    """One state, kept as rows: a view, or what reactions and timers need."""

    domain: Domain
    state: type[State]
    reactions: Reactions = ()  # each under the name that its intents carry
    timers: tuple[type[Command[Any]], ...] = ()
    since: Mapping[str, int] = field(default_factory=dict)  # from when on a reaction fires

    @property
    def name(self) -> str:
        """As generations, parks and people call it."""
        return f"{self.domain.name}.{self.state.__name__}"

    @property
    def fingerprint(self) -> str:
        """Rows are written only by code that has this one (R5)."""
        return printed(self.state)

    @property
    def indexes(self) -> tuple[Index, ...]:
        """The lists its rows stand in."""
        return marks(self.state, Index)

    @property
    def searches(self) -> tuple[Search, ...]:
        """The words its rows can be found by."""
        return marks(self.state, Search)

    @cached_property
    def heard_by(self) -> Mapping[str, Reactions]:
        """Reactions by the stored type of the event."""
        found: dict[str, Reactions] = {}
        for name, reaction in self.reactions:
            for event in reaction.events:
                found[_type(event)] = (*found.get(_type(event), ()), (name, reaction))
        return found


def sinks_of(domains: Mapping[str, Domain]) -> tuple[Sink, ...]:
    """Every state that is published, reacted on, timed or claims, in the order of their names."""
    found = [
        Sink(domain, state, reactions_on(state, domains.values()), timers_of(domain, state))
        for domain in domains.values()
        for state in domain.states.values()
    ]
    return tuple(sorted(filter(_kept, found), key=lambda sink: sink.name))


def _kept(sink: Sink) -> bool:
    """Whether anything needs its rows, or has to notice when its folds change."""
    claims = marks(sink.state, Unique)
    return bool(issubclass(sink.state, View) or sink.reactions or sink.timers or claims)


def reactions_on(state: type[State], domains: Iterable[Domain]) -> Reactions:
    """Whoever reacts on this state, of whichever file."""
    return tuple(
        (f"{domain.name}.{reaction.name}", reaction)
        for domain in domains
        for reaction in domain.reactions.values()
        if reaction.state is state
    )


def timers_of(domain: Domain, state: type[State]) -> tuple[type[Command[Any]], ...]:
    """The commands that the clock asks when a moment of this state comes."""
    return tuple(
        command
        for command in domain.commands.values()
        if command.__due__ is not None and command.__state__ is state
    )


def _type(event: type[Event]) -> str:
    return event.__shape__.type
