"""The feed: a partitioned log. In order per key, at least once; a put's outcome may be unknown."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple, Protocol

Acknowledged = tuple[bool, ...]
PUT_RECORDS_MAX = 500
PUT_BYTES_MAX = 10 * 1024 * 1024
HASH_BYTES = 4


class Bundle(NamedTuple):
    """One record to put."""

    key: str
    data: bytes


class Arrived(NamedTuple):
    """One record as it is read. Sequences only grow within a key."""

    shard: str
    sequence: int
    key: str
    data: bytes
    at: int  # when it arrived


def refuse_much(bundles: Sequence[Bundle]) -> None:
    """What no put may hold is a mistake of whoever puts it."""
    assert 0 < len(bundles) <= PUT_RECORDS_MAX, f"{len(bundles)} records in one put"
    assert len({one.key for one in bundles}) == len(bundles), "two bundles of one key in one put"
    size = sum([len(one.data) for one in bundles])
    assert size <= PUT_BYTES_MAX, f"{size} bytes in one put"


def hash_of(key: str) -> int:
    """Which hash decides its shard, where nobody else does: the same in every process, for ever."""
    return int.from_bytes(blake2b(key.encode(), digest_size=HASH_BYTES).digest(), "big")


class Shard(NamedTuple):
    """Keys of a range of hashes. A closed shard's children are read after its end."""

    name: str
    parents: tuple[str, ...]
    closed: bool


class Reading(NamedTuple):
    """The next records of a shard, and how it goes on."""

    records: tuple[Arrived, ...]
    upto: int  # where to go on; beyond the last record where some were let go
    ended: bool  # a closed shard, read to its end
    behind: int  # records that are there and were not read yet


class Feed(Protocol):
    """Where bundles are put, and read again for as long as they are kept."""

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """Which of them are on the feed. At most one bundle of a key, or order is nobody's."""
        ...

    async def shards(self) -> tuple[Shard, ...]:
        """All of them, parents before children."""
        ...

    async def read(self, shard: str, after: int, limit: int) -> Reading:
        """Records with a higher sequence, in order; 0 is the oldest that is kept."""
        ...
