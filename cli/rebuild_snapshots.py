"""Snapshots that commands decide on: what is lacking, and making it; who says so, and how far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from cli.addresses import aggregate_at
from cli.domains import must_be_one_of
from cli.engaged import Engaged, engaged
from cli.progress import shown
from cli.session import Refusal, Session, WrongUsage
from cli.tables import many
from local.snapshotting import Done, Needed, Snapshotting
from mainstem.protocol.drive import drive

SHOWN_MAX = 10


@dataclass
class Work:
    """It on its way, for a bar."""

    total: int | None
    found: Done = field(default_factory=Done)

    @property
    def done(self) -> int:
        """How many events were read."""
        return self.found.events

    def told(self) -> str:
        """How far it is."""
        made = f"{many(self.found.made, 'aggregate')} made, {self.found.right:,} as they should be"
        return f"{self.found.events:,} of {many(self.total or 0, 'event')}: {made}"

    def data(self) -> Mapping[str, Any]:
        """The same for machines."""
        return {
            "events": self.found.events, "of_events": self.total, "made": self.found.made,
            "right": self.found.right,
        }  # fmt: skip


@contextmanager
def at_snapshots(session: Session, where: str) -> Iterator[Snapshotting]:
    """Those of a domain, or of one aggregate."""
    with engaged(session) as here:
        yield _at(here, where)


def _at(here: Engaged, where: str) -> Snapshotting:
    place, slash, _ = where.partition("/")
    name = place.rpartition(":")[2] if slash else place
    must_be_one_of(name, here.domains)
    domain = here.domains[name]
    if not domain.decided:
        raise WrongUsage(f"{name}: holds facts; nothing is decided there, so there is no snapshot")
    if not slash:
        return Snapshotting(here.ports, domain)
    aggregate = aggregate_at(where)
    if not drive(here.ports.journal.records(aggregate, 0, 1)):
        raise Refusal(f"{aggregate}: nothing has happened to it")
    return Snapshotting(here.ports, domain, aggregate)


def _needed_text(where: str, found: Needed) -> str:
    """A plan, for people."""
    enough = f"{found.enough:,} with records enough for a snapshot"
    what = "to make what is lacking and compare what is there"
    lines = [
        f"{where}: {many(found.aggregates, 'aggregate')}, {enough}",
        f"lacking {found.lacking:,}: by the code at hand there is none, or one far behind",
        f"reads   {many(found.events, 'event')}, {what}; about {found.seconds:,.1f} s",
        *([f"damaged {found.damaged:,} can't be read"] if found.damaged else []),
        f"then    mainstem rebuild snapshots {where} --yes",
    ]
    return "\n".join(lines)


def needed(session: Session, where: str, at: Snapshotting) -> bool:
    """What there is to do. Whether all of it can be read."""
    found = at.plan()
    data = {"of": where, **asdict(found), "seconds": round(found.seconds, 3)}
    session.answer(_needed_text(where, found), data)
    return not found.damaged


def made(session: Session, where: str, at: Snapshotting) -> bool:
    """All that is lacking, and what is wrong. Whether nothing was."""
    work = Work(total=at.plan().events)
    with shown(session, work) as show:
        found = at.run(_telling(work, show))
    session.answer(_made_text(where, found), _made_data(where, found))
    return not (found.wrong or found.failed)


def _telling(work: Work, show: Callable[[], None]) -> Callable[[Done], None]:
    def told(found: Done) -> None:
        work.found = found
        show()

    return told


def _made_text(where: str, found: Done) -> str:
    """What was done, for people."""
    right = f"{found.right:,} as they should be"
    bad = f"{many(len(found.wrong), 'snapshot')} wrong, {len(found.failed):,} can't be folded"
    lines = [
        f"{where}: {many(found.made, 'aggregate')} made, {right}, {bad}",
        *(f"  {one}: {name} was not what its records fold to" for one, name in found.wrong),
        *(f"  {why}" for why in found.failed),
    ]
    left = len(lines) - 1 - SHOWN_MAX
    return "\n".join([*lines[: SHOWN_MAX + 1], *([f"  and {left:,} more"] if left > 0 else [])])


def _made_data(where: str, found: Done) -> Mapping[str, Any]:
    """The same for machines."""
    wrong = [{"aggregate": str(one), "state": name} for one, name in found.wrong]
    return {
        "of": where, "made": found.made, "right": found.right, "events": found.events,
        "wrong": wrong, "failed": found.failed,
    }  # fmt: skip
