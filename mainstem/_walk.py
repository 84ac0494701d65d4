"""Walks: commands asked at random of a domain, one after the other, as users might."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from mainstem._command import Asked, Command
from mainstem._decide import decided
from mainstem._event import Event, Happened
from mainstem._examples import DAWN, PEOPLE, bodies, texts_in
from mainstem._history import stamped
from mainstem._refused import Refused
from mainstem._who import SYSTEM, Who
from mainstem.discovery import Domain

STEPS_MAX = 12
ID = "a"  # of the aggregate that commands without an address of their own are asked of


@dataclass
class Step:
    """One command of a walk, and what came of it. `again` is what asking it twice gave."""

    command: Command[Any]
    by: str
    row_before: str
    row_after: str = ""
    events: tuple[Event, ...] = ()
    again: tuple[Event, ...] | None = None
    refused: str = ""
    error: Exception | None = None

    def __str__(self) -> str:
        came = self.refused or ", ".join(map(repr, self.events)) or "nothing"
        return f"{self.command!r} by {self.by or 'nobody'}: {came}"


@dataclass
class _World:
    """Every aggregate a walk has touched."""

    histories: dict[str, tuple[Happened, ...]] = field(default_factory=dict)
    at: Any = DAWN

    def pool(self) -> list[str]:
        seen = [one.event for history in self.histories.values() for one in history]
        return [*PEOPLE, *texts_in(seen)]


@st.composite
def walks(draw: st.DrawFn, domain: Domain) -> list[Step]:
    """Up to a dozen commands, each by somebody, later than the one before."""
    if not domain.commands:
        return []
    world, steps = _World(), []
    for n in range(draw(st.integers(1, STEPS_MAX))):
        world.at += draw(st.sampled_from(SPANS))
        kind = draw(st.sampled_from(list(domain.commands.values())))
        pool = world.pool()
        command = draw(bodies(kind, pool))
        by = draw(st.sampled_from(["ann", ID, "", *pool, SYSTEM]))
        roles = draw(st.sampled_from([frozenset[str](), _roles(domain)]))
        steps.append(_step(world, command, Asked(world.at, by, roles, key=b"k"), n))
    return steps


SPANS = (
    timedelta(0),
    timedelta(minutes=1),
    timedelta(minutes=40),
    timedelta(hours=5),
    timedelta(days=1),
    timedelta(days=31),
)


def _roles(domain: Domain) -> frozenset[str]:
    rules = [rule for command in domain.commands.values() for rule in command.__by__]
    return frozenset(rule.role for rule in rules if isinstance(rule, Who) and rule.role)


def _step(world: _World, command: Command[Any], asked: Asked, n: int) -> Step:
    try:
        id = command.asked(asked).which() or ID
    except Exception as error:  # noqa: BLE001
        return Step(command, asked.by, "", error=error)
    history = world.histories.get(id, ())
    state = type(command).__state__(id=id).after(history)
    step = Step(command, asked.by, json.dumps(state.row()))
    try:
        step.events = _decided(command, state, asked, id, 2 * n)
        after = (*history, *stamped(step.events, at=asked.at, by=asked.by, after=len(history)))
        world.histories[id] = after
        step.again = _again(command, after, asked, id, 2 * n + 1)
    except Refused as no:
        step.refused = f"refused: {no.reason}"
        if no.records is not None:
            more = stamped([no.records], at=asked.at, by=asked.by, after=len(history))
            world.histories[id] = (*history, *more)
    except Exception as error:  # noqa: BLE001  the law says which command raised it
        step.error = error
    step.row_after = json.dumps(state.row())
    return step


def _again(
    command: Command[Any], after: Sequence[Happened], asked: Asked, id: str, n: int
) -> tuple[Event, ...]:
    """The same request once more. To be refused now is an answer too, and writes nothing."""
    try:
        return _decided(command, type(command).__state__(id=id).after(after), asked, id, n)
    except Refused:
        return ()


def _decided(command: Command[Any], state: Any, asked: Asked, id: str, n: int) -> tuple[Event, ...]:
    circumstances = Asked(
        asked.at, asked.by, asked.roles, asked.tenant, id, uuid.UUID(int=n), asked.key
    )
    return decided(command, state, circumstances).events
