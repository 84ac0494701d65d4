"""A failed expectation told so that nobody needs a debugger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mainstem._command import Asked, Command
from mainstem._decide import Decision
from mainstem._effect import Effect
from mainstem._event import Happened
from mainstem._refused import Refused, TooSoon
from mainstem._state import State


def told(
    history: Sequence[Happened],
    state: State,
    command: Command[Any],
    asked: Asked,
    expected: Iterable[str],
    happened: Decision | Refused,
    effects: tuple[Effect, ...] | None,
) -> str:
    """What was given, asked, expected, and what happened instead."""
    parts = [
        ("given", [f"{h.version}  {h.event!r}  by {h.by or 'nobody'}" for h in history]),
        ("so that", _state(state)),
        ("when", [f"{command!r}", _asked(asked)]),
        ("expected", list(expected)),
        ("but happened", _happened(happened)),
    ]
    if effects is not None:
        parts.append(("with effects", [repr(effect) for effect in effects] or ["none"]))
    return "\n".join(line for title, lines in parts for line in ("", title, *_indented(lines)))


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines] or ["    nothing"]


def _state(state: State) -> list[str]:
    shown = [f"{name} = {getattr(state, name)!r}" for name in state.__columns__]
    return [f"{type(state).__name__} at version {state.version}", *shown]


def _asked(asked: Asked) -> str:
    roles = f" with roles {', '.join(sorted(asked.roles))}" if asked.roles else ""
    return f"by {asked.by or 'nobody'}{roles} at {asked.at.isoformat()}"


def _happened(happened: Decision | Refused) -> list[str]:
    if isinstance(happened, Decision):
        answer = [f"the answer {happened.answer!r}"] if happened.answer is not None else []
        return [*(repr(event) for event in happened.events), *answer] or ["nothing"]
    lines = [f"{type(happened).__name__.lower()}: {happened.reason}"]
    if happened.records is not None:
        lines.append(f"and recorded: {happened.records!r}")
    if isinstance(happened, TooSoon):
        lines.append(f"until: {happened.until.isoformat()}")
    return lines
