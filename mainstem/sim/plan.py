"""Plans: what lives are about: whose domains, what people wish, and what must hold in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Arrived, Record
from mainstem.protocol.consume import Into
from mainstem.sink import Sink

if TYPE_CHECKING:
    from mainstem.sim.clients import Wish
    from mainstem.sim.hosts import Host
    from mainstem.sim.world import World

Event = Mapping[str, Any]  # an envelope as JSON has it
Events = Mapping[Aggregate, Sequence[Event]]
Rows = Mapping[str, Mapping[str, Any]]  # by key; of each row, the columns that are compared
Fold = Callable[[Aggregate, Iterable[Event]], Rows]


class Rest(NamedTuple):
    """What is there once a life has come to rest."""

    world: World
    intos: Sequence[Into]
    history: Mapping[Aggregate, Sequence[Record]]
    events: Events  # that were decided
    facts: Events  # each once, in the order of the feed
    commits: Sequence[Record]  # in the order in which they happened
    feed: Sequence[Arrived] = ()
    wishes: Sequence[Wish] = ()


class Plan(Protocol):
    """A story that any number of lives can be lived by."""

    @property
    def domains(self) -> Mapping[str, Domain]:
        """The domains it is about."""
        ...

    @property
    def begins(self) -> int:
        """What time it is when a life begins."""
        ...

    @property
    def commit_events_max(self) -> int:
        """How many events one command makes, at most."""
        ...

    def older(self, domain: Domain) -> Domain:
        """The same domain as code that was deployed before knows it."""
        ...

    def before(self, domain: Domain) -> Domain:
        """The same domain as it was folded before; itself where nobody knows."""
        ...

    def wishes(self, world: World) -> list[Wish]:
        """What people ask in this life."""
        ...

    def hosts(self, world: World) -> list[Host]:
        """Who sends facts in it."""
        ...

    def fold(self, sink: Sink) -> Fold:
        """How its rows follow from what happened, told by somebody else than the protocol."""
        ...

    def check(self, rest: Rest) -> None:
        """What else must hold. Raises Broken."""
        ...
