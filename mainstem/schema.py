"""Schemas: the stored shapes of events, as snapshots to keep, and what changed since.

Events are stored for ever. A change either reads everything that was stored before as it was read
before, or it breaks; then its cure is the very line of Python to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET

from mainstem import _cure
from mainstem._breaks import breaks, reader, unfounded
from mainstem._event import Event
from mainstem._shape import Upcast
from mainstem._snapshot import Snapshot, StoredEvent, StoredField, read, snapshot, written

Events = Mapping[str, type[Event]]


@dataclass(frozen=True)
class Change:
    """One difference. It breaks what is stored if it has cures, of which one is to be written."""

    where: str
    what: str
    cures: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether something stored would be lost, refused or read otherwise."""
        return bool(self.cures)


def diff(old: Snapshot, new: Snapshot, events: Events | None = None) -> list[Change]:
    """What changed since the snapshot. The upcasts of `events` are tried on samples."""
    found: list[Change] = []
    known: set[str] = set()
    for name, event in sorted(old.events.items()):
        now = _home(name, new)
        if now is None:
            found.append(_removed(name, event, old, new))
            continue
        known.add(now)
        upcasts = events[now].__shape__.upcasts if events else ()
        changes = [*_event(name, event, now, new.events[now], upcasts), *_lost(now, event, new)]
        if not changes and event != new.events[now]:
            changes = [Change(now, "is declared otherwise, and reads the same")]
        found += changes
    return found + [Change(name, "was added") for name in sorted(new.events.keys() - known)]


def _home(name: str, new: Snapshot) -> str | None:
    """The event that reads today what was stored under this name."""
    if name in new.events:
        return name
    return next((now for now, event in new.events.items() if name in event.was), None)


def _removed(name: str, event: StoredEvent, old: Snapshot, new: Snapshot) -> Change:
    heirs = tuple(
        _cure.event_class(now, one, was=(name, *event.was, *one.was), silent=False)
        for now, one in sorted(new.events.items())
        if now not in old.events and _kinds(one) == _kinds(event)
    )
    kept = _cure.event_class(name, event, was=event.was, silent=True)
    return Change(name, "was removed, but is stored", (*heirs, kept))


def _kinds(event: StoredEvent) -> Mapping[str, str]:
    return {name: field.kind for name, field in event.fields.items()}


def _lost(now: str, event: StoredEvent, new: Snapshot) -> Iterator[Change]:
    """Former names of an event that nothing reads any more."""
    for former in event.was:
        if _home(former, new) is None:
            said = new.events[now]
            line = _cure.event_class(now, said, was=(*said.was, former), silent=False)
            yield Change(now, f"no longer reads what was stored as {former}", (line,))


def _event(
    name: str, old: StoredEvent, now: str, new: StoredEvent, upcasts: Sequence[Upcast]
) -> Iterator[Change]:
    if now != name:
        yield Change(name, f"is called {now} now; what was stored as {name} is read")
    if new.schema < old.schema:
        what = f"fell from schema {old.schema} to {new.schema}; what is stored looks too new for it"
        yield Change(now, what, (f"put back @upcast({now}, of={new.schema}) and what followed it",))
        return
    if new.schema > old.schema:
        yield Change(now, f"rose from schema {old.schema} to {new.schema} by an upcast")
    yield from _broken(now, old, new, upcasts[old.schema - 1 :])
    yield from _grown(now, old, new)


def _broken(
    event: str, old: StoredEvent, new: StoredEvent, upcasts: Sequence[Upcast]
) -> Iterator[Change]:
    of = new.schema
    for one in breaks(event, old, new):
        where = f"{event}.{one.field}"
        if one.mended_by(upcasts):
            yield Change(where, f"{one.what}; an upcast mends it")
            continue
        cures = one.cures(of)
        of += cures[0].startswith(
            "@upcast"
        )  # each upcast is of the schema that the one before made
        yield Change(where, one.what, cures)


def _grown(event: str, old: StoredEvent, new: StoredEvent) -> Iterator[Change]:
    """What changed without taking anything from what is stored."""
    added = unfounded(old, new)
    for name, field in sorted(new.fields.items()):
        if name in added and (field.optional or field.default is not UNSET):
            yield Change(f"{event}.{name}", f"was added; {_unsaid(field)}")
    for name, before in sorted(old.fields.items()):
        now = reader(name, old, new)
        if now is not None:
            for what in _widened(name, before, now, new.fields[now]):
                yield Change(f"{event}.{name}", what)


def _unsaid(field: StoredField) -> str:
    default = None if field.default is UNSET else field.default
    return f"where an event says nothing of it, it says {_cure.literal(default)}"


def _widened(name: str, old: StoredField, now: str, new: StoredField) -> Iterator[str]:
    if now != name:
        yield f"is called {now} now; what was stored as {name} is read"
    if new.optional and not old.optional:
        yield "may be None now"
    if old.choices and not new.choices and old.kind == new.kind:
        yield "may be any text now"
    more = [word for word in new.choices if old.choices and word not in old.choices]
    if more:
        yield f"may be {', '.join(more)} now"
    if old.default is UNSET and new.default is not UNSET:
        yield f"has a default now: {_cure.literal(new.default)}"


__all__ = [
    "Change",
    "Snapshot",
    "StoredEvent",
    "StoredField",
    "diff",
    "read",
    "snapshot",
    "written",
]
