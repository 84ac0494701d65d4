"""The demo's journey: one ticket, asked for by people, kept as events, seen by a view."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstem import Command, Event, View
    from mainstem.discovery import Domain
    from mainstem.envelope import Envelope

DOMAIN, VIEW, ID = "tickets", "Ticket", "7f2"
MORNING = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
# Who asks what, one minute after the other.
SCRIPT: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("ann", "Submit", {"title": "It burns"}),
    ("ann", "Submit", {"title": "It burns"}),
    ("bob", "Rename", {"title": "Fire"}),
    ("ann", "Rename", {"title": "The printer burns"}),
    ("bob", "Prioritize", {"priority": "high"}),
    ("ann", "Assign", {"assignee": "bob"}),
    ("bob", "Comment", {"text": "Broken again. I hate that printer."}),
    ("bob", "Close", {"reason": "the fire is out"}),
    ("ann", "Rename", {"title": "Smoke"}),
    ("ann", "Reopen", {}),
    ("cat", "Comment", {"text": "A new one comes on Monday. Works, thanks!"}),
)


@dataclass(frozen=True)
class Step:
    """What was asked, what came of it, and how it left the view."""

    by: str
    command: Command[Any]
    events: tuple[Event, ...]
    refused: str
    before: View
    after: View

    @property
    def outcome(self) -> str:
        """decided, refused, or nothing where it had been decided before."""
        return "refused" if self.refused else "decided" if self.events else "nothing"

    def moved(self) -> dict[str, tuple[Any, Any]]:
        """The columns that people see and that changed, each as it was and as it is."""
        columns = [name for name in type(self.after).__columns__ if not name.startswith("_")]
        pairs = {name: (getattr(self.before, name), getattr(self.after, name)) for name in columns}
        return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


@dataclass(frozen=True)
class Journey:
    """All of it: the steps, and the envelopes as a store would keep them."""

    domain: Domain
    view: type[View]
    steps: tuple[Step, ...]
    envelopes: tuple[Envelope, ...]

    def count(self, outcome: str) -> int:
        """How many steps ended so."""
        return sum(step.outcome == outcome for step in self.steps)


def travel(domain: Domain) -> Journey:
    """Asks everything in the script, in order."""
    view = domain.views[VIEW]
    steps: list[Step] = []
    envelopes: list[Envelope] = []
    row = view(id=ID)
    for n, (by, name, fields) in enumerate(SCRIPT):
        at, asking = MORNING + n * MINUTE, uuid.uuid5(uuid.NAMESPACE_URL, f"demo/{n}")
        command = domain.commands[name](**fields)
        events, refused = _decided(command, row, at, by, asking)
        before, row = row, row.after(_happened(events, at, by, len(envelopes)))
        envelopes += _enveloped(domain, events, at, by, asking, len(envelopes))
        steps.append(Step(by, command, events, refused, before, row))
    return Journey(domain, view, tuple(steps), tuple(envelopes))


def _decided(
    command: Command[Any], row: View, at: datetime, by: str, asking: uuid.UUID
) -> tuple[tuple[Event, ...], str]:
    from mainstem import Asked, Refused, decided

    try:
        asked = Asked(at=at, by=by, aggregate=ID, command=asking)
        return decided(command, row, asked).events, ""
    except Refused as no:
        return (), no.reason


def _happened(events: tuple[Event, ...], at: datetime, by: str, after: int) -> Iterator[Any]:
    from mainstem import Happened

    return (Happened(event, at, by, after + n) for n, event in enumerate(events, 1))


def _enveloped(
    domain: Domain, events: tuple[Event, ...], at: datetime, by: str, asking: uuid.UUID, after: int
) -> Iterator[Envelope]:
    from mainstem.envelope import Envelope

    for n, event in enumerate(events, 1):
        shape = event.__shape__
        yield Envelope(
            tenant="main",
            domain=domain.name,
            id=ID,
            version=after + n,
            type=shape.type,
            schema=shape.schema,
            at=(at - EPOCH) // MICROSECOND,
            by=by,
            command=str(asking),
            data=shape.store(event),
        )
