"""Parks: aggregates whose next event can't be applied yet; and records that nobody can decode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from mainstem.aggregate import Aggregate
from mainstem.ports.generations import Generation

Position = tuple[int, int]  # of a fact on the feed: its bundle's sequence, its index in it


class Parked(NamedTuple):
    """It waits, alone. `high` is how far its row must come before it goes on by itself."""

    sink: str
    generation: int
    aggregate: Aggregate
    high: int
    why: str  # in words
    poison: bool  # the code at hand can't apply it, so trying again needs other code
    since: int
    tries: int = 0
    facts: Mapping[Position, bytes] = {}  # ingested: what waits is kept here


class Quarantined(NamedTuple):
    """A record of the feed that is no bundle, as it came."""

    shard: str
    sequence: int
    key: str
    data: bytes
    why: str
    at: int


class Parks(Protocol):
    """What waits, and why, for people and for repair."""

    async def waits(self, generation: Generation, aggregate: Aggregate) -> bool:
        """Whether it is parked, strongly read, however much is kept for it."""
        ...

    async def parked(self, generation: Generation, aggregate: Aggregate) -> Parked | None:
        """How and why it waits, with the facts it keeps."""
        ...

    async def park(self, generation: Generation, parked: Parked) -> None:
        """Park it, or raise the `high` of one that is, and keep its facts beside those there."""
        ...

    async def tried(
        self, generation: Generation, aggregate: Aggregate, why: str, poison: bool
    ) -> None:
        """A repair came to nothing, for this reason: it is poison if this is, whatever it was."""
        ...

    async def unpark(
        self, generation: Generation, aggregate: Aggregate, reached: int, applied: Position
    ) -> bool:
        """IF `high` and every fact it keeps are reached; False: more was parked meanwhile."""
        ...

    async def waiting(self, generation: Generation, after: str, limit: int) -> tuple[Parked, ...]:
        """Those parked, in the order of tenants and ids, from the one after `tenant/id`.

        Without the facts they keep, which may be many: `parked` has those of one.
        """
        ...

    async def quarantine(self, record: Quarantined) -> None:
        """Keep the bytes, once for each shard and sequence."""
        ...

    async def quarantined(self, after: int, limit: int) -> tuple[Quarantined, ...]:
        """In the order of sequences."""
        ...
