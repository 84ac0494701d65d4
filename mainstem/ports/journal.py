"""The journal: records of commits, written once IF ABSENT. That condition is the only lock."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple, Protocol
from zlib import crc32

from mainstem.aggregate import Aggregate

SLOTS = 64  # hints are spread over so many places, so that no commit waits for another's


def slot_of(aggregate: Aggregate) -> int:
    """Where its hints are: the same in every process and every adapter, for ever."""
    return crc32("\0".join(aggregate).encode()) % SLOTS


class Record(NamedTuple):
    """One commit: the events of one command. Immutable, but for whether it is published."""

    aggregate: Aggregate
    first: int  # the version of its first event; the others follow on
    events: tuple[bytes, ...]  # encoded envelopes
    command: str
    at: int
    answer: bytes  # what was said to whoever asked, so that it can be said again
    published: bool = False

    @property
    def last(self) -> int:
        """The version of its last event."""
        return self.first + len(self.events) - 1


class Snapshot(NamedTuple):
    """A state as it was at a version: a cache, good for code with this fingerprint only (R5)."""

    version: int
    fingerprint: str
    cells: bytes


class Loaded(NamedTuple):
    """What is known of an aggregate, strongly read."""

    snapshots: Mapping[str, Snapshot]  # by state, as far as the fingerprints asked for are there
    tail: tuple[Record, ...]  # every record after the oldest of the states asked for
    answered: Record | None  # this command's own record, however long ago
    unpublished: int  # records, as far as they were counted

    @property
    def version(self) -> int:
        """That of the last event."""
        known = [snapshot.version for snapshot in self.snapshots.values()]
        return self.tail[-1].last if self.tail else max(known, default=0)


class Claim(NamedTuple):
    """A value that one aggregate of a tenant's domain may hold."""

    mark: str
    values: str  # as canonical JSON


class Claims(NamedTuple):
    """What changes hands with a commit."""

    taken: frozenset[Claim] = frozenset()
    released: frozenset[Claim] = frozenset()


class Once(NamedTuple):
    """What makes a request the same one when it is sent again: its key, and what it asked."""

    tenant: str
    key: str
    digest: str


class Kept(NamedTuple):
    """A request that was answered before."""

    digest: str
    record: Record


class Verdict(Enum):
    """How a commit ended."""

    COMMITTED = "committed"
    POSTED = "posted"  # and on the feed and marked: in one transaction, so R1 and R2 hold in it
    LOST = "lost"  # another record is there, or the key was used meanwhile: load again
    TAKEN = "taken"  # another aggregate holds a claim


class Hint(NamedTuple):
    """This record may be unpublished. An index says so, which is never the truth."""

    aggregate: Aggregate
    first: int


class Touched(NamedTuple):
    """An aggregate, the version it has reached and when; where to go on after it, or with it."""

    aggregate: Aggregate
    version: int
    at: int
    place: str
    before: str


class Journal(Protocol):
    """The truth: what was committed, and whether it has left for the feed."""

    async def load(self, aggregate: Aggregate, command: str, states: Mapping[str, str]) -> Loaded:
        """Everything a decision needs: `states` are names with the fingerprints they must have."""
        ...

    async def kept(self, once: Once) -> Kept | None:
        """What was answered to the request with this key."""
        ...

    async def commit(self, record: Record, claims: Claims, once: Once | None) -> Verdict:
        """Write it IF no record is at its first version, in one transaction with claims and key.

        Where the feed is in that transaction too, all that is unpublished may be put with it.
        """
        ...

    async def keep(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """A newer snapshot stays, whoever writes later."""
        ...

    async def forget(self, aggregate: Aggregate, state: str, snapshot: Snapshot) -> None:
        """Lets go of exactly this one, which is not to be believed. Another one stays."""
        ...

    async def records(self, aggregate: Aggregate, after: int, limit: int) -> tuple[Record, ...]:
        """Its records from the one that follows version `after`, in order."""
        ...

    async def unpublished(self, aggregate: Aggregate) -> tuple[Record, ...]:
        """Its newest records back to the last published one, in order, strongly read."""
        ...

    async def mark(self, aggregate: Aggregate, firsts: tuple[int, ...]) -> None:
        """Exactly these records are published."""
        ...

    async def hints(self, slot: int, before: int, limit: int) -> tuple[Hint, ...]:
        """Records of this slot that were committed before this time and may be unpublished.

        Also those that a clock stamped more than a day after it: nobody waits for tomorrow.
        """
        ...

    async def touched(self, after: str, limit: int) -> tuple[Touched, ...]:
        """Whatever was committed since `after` ("" is the beginning), in the order of the latest
        commits: so many aggregates, each with the version it has now."""
        ...

    async def claim(
        self, aggregate: Aggregate, version: int, state: str, claims: frozenset[Claim]
    ) -> Mapping[Claim, str] | None:
        """All that it claims under the marks of a state, when a domain begins to make them.

        Others that it had under them are let go. Those not granted, with the id of whoever holds
        them; None: IF it had that version.
        """
        ...
