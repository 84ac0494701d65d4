"""What is behind the ports: stores to be asked by the protocol, and looked at by whoever checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mainstem.aggregate import Aggregate
from mainstem.ports import Document, Entry, Feed, Generation, Intent, Parked, Quarantined
from mainstem.sim import stores
from mainstem.sim.chance import Chance


class Sharded(Feed, Protocol):
    """A feed whose shards part and join, and which lets go of what is old."""

    def split(self, shard: str) -> tuple[str, str]:
        """Closes it; two children share its keys."""
        ...

    def merge(self, one: str, other: str) -> str:
        """Closes two that lie side by side. Raises ValueError where they don't."""
        ...

    def ends(self) -> Mapping[str, int]:
        """The highest sequence of each shard."""
        ...

    def forget(self, before: int, *, keep_facts: bool) -> int:
        """Lets go of what arrived before; how many."""
        ...


class Behind(Protocol):
    """All stores of one life."""

    @property
    def feed(self) -> Sharded:
        """The feed itself."""
        ...

    def ports(self) -> Mapping[str, Any]:
        """Every store by the name of its port."""
        ...

    def versions(self, generation: Generation) -> Mapping[Aggregate, int]:
        """How far each aggregate's rows have come."""
        ...

    def cells(self, generation: Generation, aggregate: Aggregate) -> Mapping[str, bytes]:
        """Its rows, by key."""
        ...

    def parked(self, generation: Generation) -> Mapping[Aggregate, Parked]:
        """Who waits."""
        ...

    def quarantined(self) -> tuple[Quarantined, ...]:
        """What nobody could read."""
        ...

    def intents(self) -> list[Intent]:
        """What is due."""
        ...

    def entries(self, generation: Generation) -> frozenset[tuple[Aggregate, Entry]]:
        """Who stands where in which list."""
        ...

    def documents(self, generation: Generation) -> tuple[Document, ...]:
        """What search knows."""
        ...

    @property
    def in_order(self) -> bool:
        """Whether puts have taken their places in the order in which they were made."""
        ...


class Memory:
    """The simulator's own stores."""

    def __init__(self, now: Callable[[], int], shards: int, chance: Chance) -> None:
        self.journal = stores.Journal(chance)
        self.feed = stores.Feed(now, shards, chance)
        self.views = stores.Views()
        self.search = stores.Search(chance)

    def ports(self) -> Mapping[str, Any]:
        """Every store by the name of its port."""
        return {
            "journal": self.journal,
            "feed": self.feed,
            "rows": stores.Rows(self.views),
            "parks": stores.Parks(self.views),
            "generations": stores.Generations(self.views),
            "intents": stores.Intents(self.views),
            "search": self.search,
        }

    def versions(self, generation: Generation) -> Mapping[Aggregate, int]:
        """How far each aggregate's rows have come."""
        return self.views.heads(generation)

    def cells(self, generation: Generation, aggregate: Aggregate) -> Mapping[str, bytes]:
        """Its rows, by key."""
        return self.views.cells(generation, aggregate)

    def parked(self, generation: Generation) -> Mapping[Aggregate, Parked]:
        """Who waits."""
        return self.views.parked(generation)

    def quarantined(self) -> tuple[Quarantined, ...]:
        """What nobody could read."""
        return tuple(self.views.quarantine.values())

    def intents(self) -> list[Intent]:
        """What is due."""
        return list(self.views.waiting.values())

    def entries(self, generation: Generation) -> frozenset[tuple[Aggregate, Entry]]:
        """Who stands where in which list."""
        return self.views.entries(generation)

    def documents(self, generation: Generation) -> tuple[Document, ...]:
        """What search knows."""
        return self.search.all(generation)

    @property
    def in_order(self) -> bool:
        """Whether no put has taken its place before an earlier one, as the cloud's may."""
        return not self.feed.overtaken
