"""One change, written: everything that follows from a run of events, or nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Changed, Entry, Generation, Head, Intent, Timer
from mainstem.sim.stores.views import (
    NOTHING_THERE,
    ListOf,
    Owner,
    Spot,
    Stream,
    Views,
    ranked,
)


def written(views: Views, generation: Generation, aggregate: Aggregate, change: Change) -> bool:
    """False, with nothing written, where the row is not as it was read."""
    owner = (generation.number, aggregate)
    head = views.rows.get(owner, NOTHING_THERE)
    if head[:2] != change.read[:2]:
        return False
    rows = _merged(head.rows, change.rows)
    views.rows[owner] = Head(change.version, change.applied, rows)
    _unlist(views, owner, change.unlisted)
    _list(views, owner, change.listed)
    _wind(views, owner, change.timers)
    _intend(views, change.intents)
    if change.searched:
        _tell(views, owner, change)
    return True


def _merged(rows: Mapping[str, bytes], new: Mapping[str, bytes | None]) -> Mapping[str, bytes]:
    """The new ones over those there, without those that are gone."""
    if not new:
        return rows
    return {key: cells for key, cells in {**rows, **new}.items() if cells is not None}


def _list(views: Views, owner: Owner, entries: Iterable[Entry]) -> None:
    for entry in entries:
        of, spot = _spot(owner, entry)
        spots = views.lists.get(of, ())
        n = bisect_left(spots, spot)
        if spots[n : n + 1] != (spot,):
            views.lists[of] = (*spots[:n], spot, *spots[n:])


def _unlist(views: Views, owner: Owner, entries: Iterable[Entry]) -> None:
    for entry in entries:
        of, spot = _spot(owner, entry)
        spots = views.lists.get(of, ())
        if spots == (spot,):
            del views.lists[of]  # an empty list is none
        elif spot in spots:
            views.lists[of] = tuple(one for one in spots if one != spot)


def _spot(owner: Owner, entry: Entry) -> tuple[ListOf, Spot]:
    number, (tenant, _, id) = owner
    name, values, order, key = entry
    return (number, tenant, name, values), (ranked(order), id, key)


def _wind(views: Views, owner: Owner, timers: Iterable[Timer]) -> None:
    for command, due in timers:
        if due is None:
            views.due_at.pop((*owner, command), None)
        else:
            views.due_at[*owner, command] = due


def _intend(views: Views, intents: Iterable[Intent]) -> None:
    """One whose key is there is there already, whichever generation said it."""
    for one in intents:
        if one.key not in views.intended:
            views.intended.add(one.key)
            views.waiting[len(views.intended)] = one


def _tell(views: Views, owner: Owner, change: Change) -> None:
    number, aggregate = owner
    last, kept = views.streams.get(number, Stream())
    new = [
        Changed(place, aggregate, key, change.version)
        for place, key in enumerate(change.rows, last + 1)
    ]
    if new:
        views.streams[number] = Stream(last + len(new), (*kept, *new))
