"""A row as it is, or as it was at a version or a moment; and why a field is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archive.asof import AsOf, cells_of
from cli.domains import must_be_one_of
from cli.engaged import Engaged
from cli.history import data_of, line_of
from cli.past import past
from cli.reading import seen_now
from cli.session import Refusal, WrongUsage
from cli.tables import words
from cli.who import named
from edge.caller import Caller
from local.asking import archived
from mainstem import may_read
from mainstem._kind import micros
from mainstem._machine import copied
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.envelope import Envelope
from mainstem.sink import Sink
from queries.reader import Seen


@dataclass(frozen=True)
class Question:
    """Which row, as of when, for whom; and of which field it is asked why."""

    sink: Sink
    id: str
    key: str
    version: int | None
    at: int | None
    field: str | None
    asker: Caller | None

    @classmethod
    def of(
        cls, sink: Sink, which: tuple[str, str], version: int | None, at: str | None,
        why: str | None, who: str | None, roles: Sequence[str],
    ) -> Question:  # fmt: skip
        """As it was typed. Raises WrongUsage."""
        asker = named(who, roles)
        if version is not None and at is not None:
            raise WrongUsage("--version and --at are two moments; say one")
        if why is not None and asker is not None:
            raise WrongUsage("--why tells events, which are for whoever owns the folder; not --as")
        if why is not None:
            shown = [c.name for c in sink.state.__columns__.values() if not c.private]
            must_be_one_of(why, shown, f"field of {sink.state.__name__}")
        return cls(sink, *which, version, None if at is None else _moment(at), why, asker)

    @property
    def aggregate(self) -> Aggregate:
        """Whose row it is."""
        return Aggregate("main", self.sink.domain.name, self.id)

    @property
    def as_of(self) -> AsOf:
        """Which of its events count."""
        return AsOf(self.sink.domain, self.sink.state, self.version, self.at)


def read(here: Engaged, question: Question) -> Seen:
    """The row. Raises Refusal where there is none, or it is not theirs."""
    if question.at is None:
        which = (question.id, question.key, question.version or 0)
        seen = seen_now(here, question.sink, which, question.asker)
        if question.version in (None, seen.version):
            return seen
    folding = question.as_of.folded(events(here, question))
    cells = cells_of(folding, question.key)
    if cells is None:
        raise Refusal(f"there was no such {question.sink.state.__name__.lower()} then")
    row = question.sink.state(id=question.id, key=question.key, cells=copied(cells))
    asker = question.asker
    if asker is not None and not may_read(row, asker.by, asker.roles):
        raise Refusal(f"{asker.by or 'nobody'} may not read this")
    return Seen(question.id, question.key, folding.version, row, 0)


def why(here: Engaged, question: Question) -> tuple[str, Any]:
    """The event that gave the field its value, for people and for machines."""
    assert question.field is not None
    found = question.as_of.why(events(here, question), question.id, question.key, question.field)
    if found is None:
        raise Refusal(f"no event has given {question.field} a value")
    before, after = words(found.before), words(found.after)
    text = f"{question.field} {after}, before {before}\n{line_of(found.event)}"
    data = {"field": question.field, "value": found.after, "before": found.before}
    return text, {**data, "event": data_of(found.event)}


def events(here: Engaged, question: Question) -> Iterable[Envelope]:
    """What happened to it until now."""
    if not question.sink.domain.decided:
        archived(here.ports)
    return past(here.ports, here.domains, question.aggregate)


def _moment(text: str) -> int:
    try:
        return micros(datetime.fromisoformat(text))
    except (ValueError, Unfit):
        raise WrongUsage(f"--at {text}: say a moment with its zone, as 2026-01-31T09:00Z") from None
