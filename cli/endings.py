"""Endings: how a command ends that was told no. The one place that turns errors into exit codes."""

from __future__ import annotations

from typing import Any

import click

from cli.naming import snake
from cli.session import NotNow, Refusal, WrongUsage
from edge.problems import Problem
from local.trouble import Foreign
from mainstem import Refused, TooSoon
from mainstem._kind import micros
from mainstem._refusal import Mistake, Unfit
from mainstem.ports import Corrupt, Trouble
from queries.shown import moment


def ending(error: Exception) -> click.ClickException | None:
    """What a person is told, and which exit code it has; None: nobody expected that."""
    match error:
        case Refused():
            return _refusal(error)
        case Problem():
            return WrongUsage(in_words(error))
        case Corrupt() | Foreign() | Unfit() | Mistake():
            return Refusal(str(error))
        case Trouble():
            return NotNow(str(error))
        case _:
            return None


def in_words(problem: Problem) -> str:
    """What is wrong with what was typed, field by field, on one line."""
    if not problem.flaws:
        return problem.detail
    places = ((flaw.at.removeprefix("/") or "the body", flaw.detail) for flaw in problem.flaws)
    return "; ".join(f"{at} {rule}" for at, rule in places)


def _refusal(no: Refused) -> Refusal:
    said: dict[str, Any] = {"refused": snake(type(no).__name__)}
    if isinstance(no, TooSoon):
        said["until"] = moment(micros(no.until))
        return Refusal(f"{no.reason} (until {said['until']})", **said)
    return Refusal(no.reason, **said)
