"""What must hold of any domain in the end: claims, effects, lists and search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from mainstem._event import Happened
from mainstem._kind import EPOCH, micros
from mainstem._listing import entries
from mainstem._mark import Unique, marks
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import Envelope, decode
from mainstem.ports import Claim, Entry, Intent, Record
from mainstem.protocol.change import canonical
from mainstem.protocol.consume import Into
from mainstem.protocol.effects import told
from mainstem.protocol.standing import Standing
from mainstem.sim.plan import Event, Events, Fold, Rest
from mainstem.sim.world import Broken
from mainstem.sink import sinks_of


def check_claims(domain: Domain, commits: Iterable[Record]) -> None:
    """At no moment do two aggregates hold one value."""
    states = tuple(one for one in domain.states.values() if marks(one, Unique))
    if not states:
        return
    standing: dict[Aggregate, Standing] = {}
    holder: dict[Claim, Aggregate] = {}
    for record in commits:
        one = record.aggregate
        stands = standing.setdefault(one, Standing(domain, states, one))
        before = stands.claims()
        stands.hear(map(decode, record.events))
        for claim in before - stands.claims():
            holder.pop(claim, None)
        for claim in sorted(stands.claims()):
            if holder.setdefault(claim, one) != one:
                raise Broken(f"{claim.mark} {claim.values} is {holder[claim]}'s and {one}'s")


def check_intents(domain: Domain, rest: Rest) -> None:
    """Each effect is asked for once, with what it says."""
    found = rest.world.stores.intents()
    if len({one.key for one in found}) != len(found):
        raise Broken(f"an effect is asked for twice: {sorted(found)}")
    wanted = set(_intended(domain, rest.events if domain.decided else rest.facts))
    if wanted != set(found):
        raise Broken(f"effects: {wanted - set(found)} are missing, {set(found) - wanted} are there")


def _intended(domain: Domain, events: Events) -> Iterator[Intent]:
    for sink in sinks_of({domain.name: domain}):
        for aggregate, these in events.items():
            history = [_happened(domain, n, event) for n, event in enumerate(these, 1)]
            for version, happened in enumerate(history, 1):
                for name, reaction in sink.heard_by.get(happened.event.__shape__.type, ()):
                    state = reaction.state_after(history[:version], aggregate.id)
                    for n, effect in enumerate(reaction(happened.event, state)):
                        at = micros(happened.at)
                        yield Intent(aggregate, version, name, n, told(effect), at)


def _happened(domain: Domain, version: int, event: Event) -> Happened:
    type, record = domain.record(Envelope(**event))
    kind = domain.by_type[type]
    opened = kind.model_construct(**kind.__shape__.open(record))
    return Happened(opened, EPOCH + timedelta(microseconds=event["at"]), event["by"], version)


def check_words(rest: Rest, into: Into, fold: Fold) -> None:
    """Search has the words of every row that is there, and of no other."""
    if not into.sink.searches:
        return
    documents = rest.world.stores.documents(into.generation)
    found = {(one.tenant, one.id, one.key): one.words for one in documents if one.words is not None}
    wanted = {
        (one.tenant, one.id, key): _words(into, row) for one, key, row in _rows(rest, into, fold)
    }
    if found != wanted:
        raise Broken(f"search of {into.sink.name}: {found}, wanted {wanted}")


def _words(into: Into, row: Mapping[str, Any]) -> Mapping[str, str]:
    return {
        mark.name: " ".join(_text(row[column]) for column in mark.columns)
        for mark in into.sink.searches
    }


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else value or ""


def check_lists(rest: Rest, into: Into, fold: Fold) -> None:
    """Each row stands in its lists, and nothing else does."""
    found = rest.world.stores.entries(into.generation)
    wanted = frozenset(_listed(rest, into, fold))
    if found != wanted:
        raise Broken(f"lists of {into.sink.name}: {found - wanted} stand there for nothing, "
                     f"{wanted - found} are missing")  # fmt: skip


def _listed(rest: Rest, into: Into, fold: Fold) -> Iterator[tuple[Aggregate, Entry]]:
    for aggregate, key, row in _rows(rest, into, fold):
        for index in into.sink.indexes:
            order = None if index.order is None else row[index.order]
            for values in entries(index, dict(row)):
                yield aggregate, Entry(index.name, canonical(values), order, key)


def _rows(rest: Rest, into: Into, fold: Fold) -> Iterator[tuple[Aggregate, str, Mapping[str, Any]]]:
    events = rest.events if into.sink.domain.decided else rest.facts
    for aggregate, these in events.items():
        for key, row in fold(aggregate, these).items():
            yield aggregate, key, row
