"""The demo's last step: every answer is there once, and live is what a refold gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from cli.demo.archiving import json_of, rows_in_sql
from cli.demo.rebuilding import same_when_rebuilt
from mainstem import View
from mainstem._event import Happened
from mainstem._kind import EPOCH, MICROSECOND
from mainstem._same import same
from mainstem.envelope import Envelope, decode
from mainstem.folding import rows_of
from mainstem.protocol.drive import drive

if TYPE_CHECKING:
    from local.engine import Engine
    from mainstem.discovery import Domain
    from mainstem.protocol.commit import Committed
    from mainstem.protocol.consume import Into

ALL = 1_000_000


@dataclass
class Proof:
    """What was compared, and every difference, in words."""

    rows: int = 0
    views: int = 0
    events: int = 0
    effects: int = 0
    wrong: list[str] = field(default_factory=list)


def proof(engine: Engine, answers: Sequence[Committed]) -> Proof:
    """Compares the folder with itself: journal, rows, answers, effects."""
    found = Proof()
    histories = {name: history(engine, name) for name in engine.domains}
    found.events = sum(map(len, histories.values()))
    found.wrong += _answered(histories, answers)
    for into in engine.intos:
        if issubclass(into.sink.state, View):
            found.wrong += _compared(engine, into, histories[into.sink.domain.name], found)
    found.wrong += _intended(engine, histories, found)
    return found


def history(engine: Engine, domain: str) -> list[Envelope]:
    """Every event of a domain, an aggregate after the other."""
    journal = engine.ports.journal
    heads = drive(journal.touched("", ALL))
    return [
        decode(line)
        for aggregate in dict.fromkeys(head.aggregate for head in heads)
        if aggregate.domain == domain
        for record in drive(journal.records(aggregate, 0, ALL))
        for line in record.events
    ]


def _answered(histories: dict[str, list[Envelope]], answers: Sequence[Committed]) -> Iterator[str]:
    """Every acknowledged version is there, and versions have no hole."""
    versions: dict[tuple[str, str], list[int]] = {}
    for name, events in histories.items():
        for one in events:
            versions.setdefault((name, one.id), []).append(one.version)
    for (name, id), found in versions.items():
        if found != list(range(1, len(found) + 1)):
            yield f"{name}/{id}: its versions are {found}"
    for answer in answers:
        if answer.version not in versions.get(answer.aggregate[1:], ()):
            yield f"{answer.aggregate}: version {answer.version} was acknowledged and is not there"


def _compared(
    engine: Engine, into: Into, events: Iterable[Envelope], found: Proof
) -> Iterator[str]:
    state: Any = into.sink.state
    shown = list(_shown(into))
    found.rows, found.views = found.rows + len(shown), found.views + 1
    if into.sink.domain.decided and not same(shown, rows_of(state, into.sink.domain, events)):
        yield f"{into.sink.name}: live rows are not what its events amount to"
    if not same_when_rebuilt(engine.ports, into):
        yield f"{into.sink.name}: live rows are not what a rebuild makes of the archive"
    if not same(shown, json_of(rows_in_sql(engine.ports, engine.domains, state))):
        yield f"{into.sink.name}: live rows are not what SQL makes of the archive"


def _shown(into: Into) -> Iterator[Any]:
    machine, keyed = into.sink.state.__machine__, bool(into.sink.state.__keys__)
    for one in drive(into.rows.all(into.generation, ("", "", ""), ALL)):
        names = {"tenant": one.aggregate.tenant, "id": one.aggregate.id}
        names |= {"key": one.key} if keyed else {}
        yield machine.public(machine.finish(msgspec.json.decode(one.cells), **names))


def _intended(engine: Engine, histories: dict[str, list[Envelope]], found: Proof) -> Iterator[str]:
    """Each effect that follows from an event is waiting, once."""
    waiting = [intent for _, intent in drive(engine.ports.intents.waiting(0, ALL))]
    expected = Counter(
        (one.id, one.version, name)
        for into in engine.intos
        for name, reaction in into.sink.reactions
        for one, effects in caused(into.sink.domain, reaction, histories[into.sink.domain.name])
        for _ in range(effects)
    )
    found.effects = len(waiting)
    if Counter((one.aggregate.id, one.version, one.reaction) for one in waiting) != expected:
        yield f"{sum(expected.values())} effects follow from the events, {len(waiting)} are waiting"


def caused(
    domain: Domain, reaction: Any, events: Iterable[Envelope]
) -> Iterator[tuple[Envelope, int]]:
    """The events that a reaction hears, and how many effects each has."""
    past: dict[str, list[Happened]] = {}
    for one in events:
        kind = domain.by_type[one.type]
        at = EPOCH + one.at * MICROSECOND
        happened = Happened(kind.of(one.data, one.schema), at, one.by, one.version)
        before = past.setdefault(one.id, [])
        before.append(happened)
        if kind in reaction.events:
            state = reaction.state_after(before, one.id)
            yield one, len(reaction(happened.event, state))
