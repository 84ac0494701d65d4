"""Walks: commands asked at random of a domain, one after the other, as users might."""

from __future__ import annotations

import json
import sys
import traceback
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mainstem._command import NOBODY, Asked, Command
from mainstem._decide import decided
from mainstem._digits import Digits
from mainstem._effect import Call, Mail, Sms
from mainstem._event import Event, Happened
from mainstem._examples import DAWN, PEOPLE, YEAR, bodies, values_in
from mainstem._history import stamped
from mainstem._refused import Refused
from mainstem._state import State
from mainstem._who import SYSTEM, Who, system
from mainstem.discovery import Domain

STEPS, STEPS_A_COMMAND = 8, 2  # the more commands, the rarer that two belong together
ID = "a"  # of the aggregate that commands without an address of their own are asked of
KEY = b"a key of the walks"
SOON = DAWN + 9 * YEAR  # the clock doesn't wait for timers later than this
SPANS = (
    timedelta(0),
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(minutes=40),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=31),
)


@dataclass(repr=False)
class Step:
    """One command of a walk, and what came of it.

    `twin` is what the very same question gave once more, `again` what asking it later gave.
    """

    command: Command[Any]
    by: str
    row_before: str
    row_after: str = ""
    events: tuple[Event, ...] = ()
    twin: tuple[Event, ...] = ()
    again: tuple[Event, ...] | None = None
    refused: str = ""
    error: Exception | None = None
    asked: Asked = NOBODY  # by whom, when, of whom: to ask the same of somebody else

    def raised(self) -> str:
        """The error, and the last line of the domain that it passed."""
        assert self.error is not None
        file = getattr(sys.modules[type(self.command).__module__], "__file__", None)
        passed = traceback.extract_tb(self.error.__traceback__)
        lines = [str(frame.lineno) for frame in passed if frame.filename == file]
        return f"{self.error!r} in {file}:{lines[-1]}" if lines else repr(self.error)

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))  # hypothesis would show every field

    def __repr__(self) -> str:
        came = self.refused or ", ".join(map(repr, self.events)) or "nothing"
        came = f"raised {self.raised()}" if self.error is not None else came
        return f"{self.command!r} by {self.by or 'nobody'}: {came}"


@dataclass
class _World:
    """Every aggregate a walk has touched, and the codes that people were sent."""

    domain: Domain
    id: str
    latest: str
    histories: dict[str, tuple[Happened, ...]] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)
    at: datetime = DAWN

    def pools(self) -> list[list[Any]]:
        seen = [one.event for history in self.histories.values() for one in history]
        return [list(PEOPLE), values_in(seen), list(self.codes)]

    def kinds(self) -> list[type[Command[Any]]]:
        """Mostly what somebody may ask now; the rest would be refused, or is done already."""
        every = list(self.domain.commands.values())
        states = {state: self.state(state, self.latest) for state in {k.__state__ for k in every}}
        asked = [kind for kind in every if _may_be_asked(kind, states[kind.__state__])]
        return [*every, *asked * len(every)]

    def state(self, of: type[State], id: str) -> State:
        return of(id=id).after(self.histories.get(id, ()))

    def happens(self, id: str, events: Sequence[Event], asked: Asked) -> tuple[Happened, ...]:
        """What an aggregate's history is from now on. People are sent what reactions send."""
        before = self.histories.get(id, ())
        after = (*before, *stamped(events, at=asked.at, by=asked.by, after=len(before)))
        if after:
            self.histories[id], self.latest = after, id
        for n in range(len(before), len(after)):
            self.codes |= dict.fromkeys(_codes(self.domain, id, after[: n + 1]))
        return after


@st.composite
def walks(draw: st.DrawFn, domain: Domain, id: str = ID, first: int = 0) -> list[Step]:
    """Commands, each asked by somebody, none earlier than the one before.

    `id` is of whom those without an address of their own are asked, `first` the first one's number.
    """
    if not domain.commands:
        return []
    world, steps = _World(domain, id, latest=id), []
    steps_max = STEPS + STEPS_A_COMMAND * len(domain.commands)
    for n in range(draw(st.integers(1, steps_max))):
        kind = draw(st.sampled_from(world.kinds()))
        command = draw(bodies(kind, *world.pools()))
        asked = draw(_circumstances(world, command))
        world.at = asked.at
        steps.append(_step(world, command, asked, first + 2 * n))
    return steps


@st.composite
def _circumstances(draw: st.DrawFn, world: _World, command: Command[Any]) -> Asked:
    """When, by whom, with which roles: often whom the command lets in, often when it is due."""
    everybody = st.sampled_from(["ann", world.id, "", *PEOPLE, SYSTEM])
    roles = draw(st.sampled_from([_roles(world.domain), frozenset[str]()]))
    try:
        id = _meant(world, command, Asked(world.at, "ann", roles))
    except Exception:  # noqa: BLE001  the step says so
        return Asked(world.at, "ann", roles)
    kind = type(command)
    state = world.state(kind.__state__, id)
    callers, due = sorted(_let_in(kind, state)), _due(kind, state)
    by = draw(st.sampled_from(callers) | everybody if callers else everybody)
    at = st.sampled_from([world.at + span for span in SPANS])
    if due is not None and world.at <= due <= SOON:
        at = st.just(due) | at
    return Asked(draw(at), by, roles, key=KEY)


def _meant(world: _World, command: Command[Any], asked: Asked) -> str:
    meant = command.asked(asked).which()
    return world.id if meant is None else meant


def _may_be_asked(kind: type[Command[Any]], state: State) -> bool:
    if not state.exists or kind.__starts__:
        return kind.__starts__ and not state.exists
    if kind.__due__:
        return _due(kind, state) is not None
    return any(isinstance(rule, Who) for rule in kind.__by__) or any(_let_in(kind, state))


def _let_in(kind: type[Command[Any]], state: State) -> Iterator[str]:
    """Whom the state names, among those who may."""
    for rule in kind.__by__:
        if rule is system:
            yield SYSTEM
        elif isinstance(rule, str):
            value = state._value(rule)
            yield from [value] if isinstance(value, str) else value or ()


def _due(kind: type[Command[Any]], state: State) -> datetime | None:
    return state._value(kind.__due__) if kind.__due__ else None


def _codes(domain: Domain, id: str, history: Sequence[Happened]) -> Iterator[str]:
    """The digits that go out with the last event."""
    event = history[-1].event
    for reaction in domain.reactions.values():
        if type(event) in reaction.events:
            for effect in reaction(event, reaction.state_after(history, id)):
                data = effect.data if isinstance(effect, (Mail, Sms, Call)) else {}
                for value in data.values():
                    if isinstance(value, Digits):
                        yield value.made(KEY, "main", domain.name, id)


def _roles(domain: Domain) -> frozenset[str]:
    rules = [rule for command in domain.commands.values() for rule in command.__by__]
    return frozenset(rule.role for rule in rules if isinstance(rule, Who) and rule.role)


def _step(world: _World, command: Command[Any], asked: Asked, number: int) -> Step:
    try:
        id = _meant(world, command, asked)
    except Exception as error:  # noqa: BLE001
        return Step(command, asked.by, "", error=error)
    asked = replace(asked, aggregate=id, command=uuid.UUID(int=number))
    state = world.state(type(command).__state__, id)
    step = Step(command, asked.by, json.dumps(state.row()), asked=asked)
    try:
        step.events = decided(command, state, asked).events
        step.twin = decided(command, state, asked).events
        after = world.happens(id, step.events, asked)
        step.again = _again(command, after, replace(asked, command=uuid.UUID(int=number + 1)))
    except Refused as no:
        step.refused = f"refused: {no.reason}"
        if no.records is not None:
            world.happens(id, [no.records], asked)
    except Exception as error:  # noqa: BLE001  the law says which command raised it
        step.error = error
    step.row_after = json.dumps(state.row())
    return step


def _again(command: Command[Any], after: Sequence[Happened], asked: Asked) -> tuple[Event, ...]:
    """The same request once more. To be refused now is an answer too, and writes nothing."""
    try:
        state = type(command).__state__(id=asked.aggregate).after(after)
        return decided(command, state, asked).events
    except Refused:
        return ()
