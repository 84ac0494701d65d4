"""SNAPSHOTS: of all that commands decide on, made before anybody asks, and compared with records.

A commit makes them where it has read many records, so code with other folds pays once for each long
aggregate. They are a cache: one that says what the records do not is a bug or damage, and goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from mainstem._mark import Unique, marks
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import decode
from mainstem.fingerprint import printed
from mainstem.ports import Corrupt, Journal, Loaded, Snapshot
from mainstem.protocol import commit
from mainstem.protocol.standing import Standing, States

Snapshots = Mapping[str, Snapshot]  # by the names of their states
_read = msgspec.json.decode
_write = msgspec.json.encode


class Looked(NamedTuple):
    """What the next command on an aggregate comes upon."""

    enough: bool  # it has records enough for a snapshot
    lacks: bool  # one by the code at hand is not there, or is far behind
    events: int


class Renewed(NamedTuple):
    """What was done with those of one aggregate, by the names of its states."""

    events: int = 0
    made: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()  # what was there is not what the records fold to


def decided_on(domain: Domain) -> States:
    """The states of which commits keep snapshots: those of commands, and whatever claims."""
    asked = {command.__state__.__name__ for command in domain.commands.values()}
    every = sorted(domain.states.items())
    return tuple(
        state for name, state in every if name in asked or (asked and marks(state, Unique))
    )


async def looked(journal: Journal, domain: Domain, aggregate: Aggregate) -> Looked:
    """Whether the next command would read many records."""
    states = decided_on(domain)
    loaded = await _loaded(journal, states, aggregate)
    many = len(loaded.tail) >= commit.RECORDS_PER_SNAPSHOT
    there = len(loaded.snapshots) == len(states)
    return Looked(many or there, many, loaded.version)


async def renewed(journal: Journal, domain: Domain, aggregate: Aggregate) -> Renewed:
    """Reads all of its records; what is kept is then what they fold to. Raises Unfit, Corrupt."""
    before = (await _loaded(journal, decided_on(domain), aggregate)).snapshots
    whole = await journal.load(aggregate, "", {})
    standing, right = _folded(domain, aggregate, whole, before)
    wrong = tuple(sorted(before.keys() - right.keys()))
    for name in wrong:
        await journal.forget(aggregate, name, before[name])
    made = _due(whole, right, standing)
    for name, snapshot in made.items():
        await journal.keep(aggregate, name, snapshot)
    return Renewed(standing.version, tuple(made), wrong)


async def tried(journal: Journal, domain: Domain, aggregate: Aggregate) -> int:
    """The same, with nothing written: how many events that were. Raises Unfit, Corrupt."""
    whole = await journal.load(aggregate, "", {})
    return _folded(domain, aggregate, whole, {})[0].version


def _folded(
    domain: Domain, aggregate: Aggregate, whole: Loaded, before: Snapshots
) -> tuple[Standing, Snapshots]:
    """How it stands after all of its records; and which snapshots say what it was like then."""
    standing, right = Standing(domain, decided_on(domain), aggregate), dict[str, Snapshot]()
    for record in whole.tail:
        if record.first != standing.version + 1:
            there = f"version {standing.version} is followed by {record.first}"
            raise Corrupt(f"{aggregate}: has a hole, {there}")
        standing.hear(map(decode, record.events))
        right |= {name: one for name, one in before.items() if _is_right(one, standing, name)}
    return standing, right


async def _loaded(journal: Journal, states: States, aggregate: Aggregate) -> Loaded:
    return await journal.load(aggregate, "", {one.__name__: printed(one) for one in states})


def _is_right(snapshot: Snapshot, standing: Standing, name: str) -> bool:
    """Whether it is of this version and says the same, read as whoever takes it up reads it."""
    if snapshot.version != standing.version:
        return False
    try:
        said: Any = _read(snapshot.cells)
    except msgspec.DecodeError:
        return False
    return bool(said == _read(_write(standing.cells[name])))


def _due(whole: Loaded, right: Snapshots, standing: Standing) -> Snapshots:
    """Those that a commit would keep now."""
    due = {}
    for name, snapshot in standing.snapshots().items():
        after = right[name].version if name in right else 0
        behind = sum(record.last > after for record in whole.tail)
        if behind >= commit.RECORDS_PER_SNAPSHOT:
            due[name] = snapshot
    return due
