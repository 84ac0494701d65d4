"""`mainstem demo`: one ticket through commands, events, folds and SQL, in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click

from cli.agreement import Rows, answers, differences
from cli.domains import load, must_be_one_of
from cli.excerpt import statements
from cli.journey import DOMAIN, Journey, Step, travel
from cli.session import Command, Session, asks
from cli.story import told


@click.command(cls=Command)
@asks
def demo(session: Session) -> None:
    """Walk one ticket through commands, events, folds and SQL.

    Shows what the language is, step by step. Everything happens in memory: nothing is written,
    nothing leaves this machine. Exit code 1 if two evaluators of the same view disagree.

    \b
    Examples:
      mainstem demo
      mainstem demo --json      # with the whole SQL of three dialects
    """
    found = load(session.domains)
    must_be_one_of(DOMAIN, found)
    journey = travel(found[DOMAIN])
    rows = answers(journey.view, journey.domain, journey.envelopes)
    wrong = differences(rows)
    session.answer("\n".join(told(journey, rows, wrong)), _data(journey, rows, wrong))
    if wrong:
        raise click.exceptions.Exit(1)


def _data(journey: Journey, rows: Mapping[str, Rows], wrong: Sequence[str]) -> dict[str, Any]:
    from mainstem.envelope import encode
    from mainstem.fingerprint import declared

    return {
        "steps": [_step(step) for step in journey.steps],
        "events": [json.loads(encode(one)) for one in journey.envelopes],
        "view": declared(journey.view),
        "sql": statements(journey.view),
        "rows": rows,
        "agree": not wrong,
        "differences": wrong,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "by": step.by,
        "command": type(step.command).__name__,
        "fields": step.command.model_dump(mode="json"),
        "outcome": step.outcome,
        "refused": step.refused or None,
        "events": [event.__shape__.type for event in step.events],
    }
