"""Views in memory: rows, and what is written together with them.

Tables of immutable values: a write replaces a value and never changes it, so copies share them.
Lists are kept in their order, and a head has all of its rows at hand.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple, Self

from mainstem.aggregate import Aggregate
from mainstem.ports import Changed, Entry, Generation, Head, Intent, Lane, Parked, Quarantined
from mainstem.ports.rows import NOWHERE

Owner = tuple[int, Aggregate]  # the generation's number
ListOf = tuple[int, str, str, str]  # the same, a tenant, an index, the values it is a list of
Rank = tuple[int, Any]  # numbers stand before texts; None is of a third kind
Spot = tuple[Rank, str, str]  # an order, an id, a key
IntentKey = tuple[Aggregate, int, str, int]

NOTHING_THERE = Head(0, NOWHERE, {})


class Stream(NamedTuple):
    """A generation's change stream: the last place it gave out, and those still kept."""

    last: int = 0
    kept: tuple[Changed, ...] = ()


class Views:
    """All of it, by the number of its generation; intents and quarantine are of none."""

    def __init__(self) -> None:
        self.rows: dict[Owner, Head] = {}
        self.lists: dict[ListOf, tuple[Spot, ...]] = {}
        self.due_at: dict[tuple[int, Aggregate, str], int] = {}  # by the timer's command
        self.lanes: dict[tuple[int, str], Lane] = {}
        self.parks: dict[Owner, Parked] = {}
        self.notes: dict[tuple[int, str], str] = {}
        self.streams: dict[int, Stream] = {}
        self.builds: dict[int, Generation | None] = {}  # None: dropped, its number is used up
        self.quarantine: dict[tuple[int, str], Quarantined] = {}
        self.waiting: dict[int, Intent] = {}  # by place, those that are not done
        self.intended: set[IntentKey] = set()  # all there ever were, so the next place is known
        self.since: dict[str, int] = {}

    def copy(self) -> Self:
        """Another one, in which the same is written."""
        made = type(self)()
        for name, table in vars(self).items():
            setattr(made, name, table.copy())
        return made

    def key(self) -> Hashable:
        """Equal where two would answer alike from here on."""
        return (
            frozenset((owner, _head(head)) for owner, head in self.rows.items()),
            frozenset((owner, _park(parked)) for owner, parked in self.parks.items()),
            frozenset((place, _lane(lane)) for place, lane in self.lanes.items()),
            frozenset(self.lists.items()),
            frozenset(self.due_at.items()),
            frozenset(self.notes.items()),
            frozenset(self.streams.items()),
            frozenset(self.quarantine.items()),
            frozenset(self.waiting.items()),
            frozenset(self.intended),
            frozenset(self.since.items()),
            tuple(self.builds.values()),  # numbered from 1, without a hole
        )

    def sweep(self) -> None:
        """Forgets what was written for generations that are not known, or no longer."""
        for table in self._owned():
            for key in [key for key in table if self.builds.get(key[0]) is None]:
                del table[key]
        for number, stream in self.streams.items():
            if self.builds.get(number) is None:  # a place is never given twice, even so
                self.streams[number] = Stream(stream.last)

    def _owned(self) -> tuple[dict[Any, Any], ...]:
        """Tables whose keys begin with the number of a generation."""
        return self.rows, self.lists, self.due_at, self.lanes, self.parks, self.notes

    def heads(self, generation: Generation) -> Mapping[Aggregate, int]:
        """How far each aggregate's rows have come."""
        number = generation.number
        return {one: head.version for (of, one), head in self.rows.items() if of == number}

    def cells(self, generation: Generation, aggregate: Aggregate) -> Mapping[str, bytes]:
        """All rows of one, by key."""
        return self.rows.get((generation.number, aggregate), NOTHING_THERE).rows

    def entries(self, generation: Generation) -> frozenset[tuple[Aggregate, Entry]]:
        """Who stands where in which list."""
        number, domain = generation.number, domain_of(generation)
        return frozenset(
            (Aggregate(tenant, domain, id), Entry(name, values, unranked(rank), key))
            for (of, tenant, name, values), spots in self.lists.items()
            if of == number
            for rank, id, key in spots
        )

    def parked(self, generation: Generation) -> Mapping[Aggregate, Parked]:
        """Who waits, with the facts they keep."""
        number = generation.number
        return {one: parked for (of, one), parked in self.parks.items() if of == number}

    def timers(self, generation: Generation) -> Mapping[tuple[Aggregate, str], int]:
        """When the clock asks which command of whom."""
        number = generation.number
        return {(one, name): due for (of, one, name), due in self.due_at.items() if of == number}


def domain_of(generation: Generation) -> str:
    """The domain of all aggregates in it: a sink is named after it."""
    return generation.sink.partition(".")[0]


def ranked(order: Any) -> Rank:
    """An order such that any two can be compared."""
    if order is None:
        return 2, ""
    return int(isinstance(order, str)), order


def unranked(rank: Rank) -> Any:
    """The order again."""
    kind, order = rank
    return None if kind == 2 else order


def _head(head: Head) -> Hashable:
    return head.version, head.applied, frozenset(head.rows.items())


def _park(parked: Parked) -> Hashable:
    return parked[:-1], frozenset(parked.facts.items())


def _lane(lane: Lane) -> Hashable:
    return lane[:-1], frozenset(lane.producers.items())
