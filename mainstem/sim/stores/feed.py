"""The feed in memory: records of a few shards, numbered in the order in which they were put.

As weak as the cloud's where `chance` wants it: a record of a put may be refused, be there twice, or
be there although the answer says no; and a reading may stop before the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from typing import Self

from mainstem.bundle import is_lane
from mainstem.ports import Acknowledged, Arrived, Bundle, Reading, Shard
from mainstem.ports.feed import HASH_BYTES, hash_of, refuse_much
from mainstem.sim.chance import CALM, Chance

HASHES = 2 ** (8 * HASH_BYTES)
SHARDS_AT_FIRST = 2  # the fewest that let keys overtake each other
KEYS_KNOWN_MAX = 100_000
QUICK_US = 3_000_000

Range = tuple[int, int]  # the lowest hash and the highest
Records = tuple[Arrived, ...]

_SEQUENCE = attrgetter("sequence")


class Feed:
    """The Feed port. What copies share is replaced, never changed."""

    def __init__(
        self,
        now: Callable[[], int] | None = None,
        shards: int = SHARDS_AT_FIRST,
        chance: Chance = CALM,
    ) -> None:
        assert shards > 0, "a feed has a shard at least"
        self.now = now  # whoever copies a world gives the copy its own clock
        self.chance = chance
        self._last = 0  # the highest sequence that was given
        self.overtaken = 0  # how many puts have taken their place before an earlier one
        self._seen: dict[str, int] = {}  # how far anybody has read
        self._shards: tuple[Shard, ...] = ()
        self._records: dict[str, Records] = {}
        self._ranges: Mapping[str, Range] = {}  # of those that aren't closed, lowest first
        self._lows: tuple[int, ...] = ()
        self._names: tuple[str, ...] = ()
        starts = [HASHES * n // shards for n in range(shards + 1)]
        self._grow([(low, end - 1) for low, end in pairwise(starts)])

    def copy(self) -> Self:
        """Another that goes its own way from here."""
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._records = self._records.copy()
        twin._seen = self._seen.copy()
        return twin

    def key(self) -> Hashable:
        """Equal where every answer is; what the clock will say is the clock's."""
        ranges = tuple(self._ranges.items())
        return self._last, self._shards, ranges, tuple(self._records.values())

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """Which of them are on the feed for certain."""
        refuse_much(bundles)
        at = self.now() if self.now else self._last + 1
        return tuple([self._put(bundle, at) for bundle in bundles])

    async def shards(self) -> tuple[Shard, ...]:
        """All of them, parents before children."""
        return self.known()

    async def read(self, shard: str, after: int, limit: int) -> Reading:
        """Records with a higher sequence, in order: `limit` of them, or less where it is short."""
        assert limit > 0
        assert shard in self._records, f"{shard}: no such shard"
        records = self._records[shard]
        start = bisect_right(records, after, key=_SEQUENCE)
        behind = len(records) - start
        size = self._size(min(limit, behind))
        found = records[start : start + size]
        upto = found[-1].sequence if found else after
        if upto > self._seen.get(shard, 0):
            self._seen[shard] = upto
        return Reading(found, upto, shard not in self._ranges and size == behind, behind - size)

    def known(self) -> tuple[Shard, ...]:
        """All shards, for whoever looks from outside."""
        return self._shards

    def ends(self) -> Mapping[str, int]:
        """The highest sequence of each shard that is kept; 0 where nothing is."""
        return {name: one[-1].sequence if one else 0 for name, one in self._records.items()}

    def split(self, shard: str) -> tuple[str, str]:
        """Closes it; each of its two children has half of its hashes from now on."""
        low, high = self._range(shard)
        if low == high:
            raise ValueError(f"{shard}: has one hash only; there is nothing to split")
        middle = (low + high) // 2
        one, other = self._grow([(low, middle), (middle + 1, high)], shard)
        return one, other

    def merge(self, one: str, other: str) -> str:
        """Closes two that lie side by side; their child has the hashes of both from now on."""
        (low, end), (begin, high) = sorted([self._range(one), self._range(other)])
        if end + 1 != begin:
            raise ValueError(f"{one} and {other}: do not lie side by side")
        (child,) = self._grow([(low, high)], one, other)
        return child

    def forget(self, before: int, *, keep_facts: bool) -> int:
        """Lets go of records that arrived before, or of those that are no facts; how many."""
        forgotten = 0
        for shard, records in self._records.items():
            kept = [one for one in records if one.at >= before or (keep_facts and is_lane(one.key))]
            self._records[shard] = tuple(kept)
            forgotten += len(records) - len(kept)
        return forgotten

    def _put(self, bundle: Bundle, at: int) -> bool:
        happens = self.chance.happens
        if happens("put refused"):
            return False
        self._add(bundle, at)
        if happens("put refused but there"):
            return False
        if happens("put twice"):  # the client library sent it again
            self._add(bundle, at)
        return True

    def _add(self, bundle: Bundle, at: int) -> None:
        key, data = bundle
        shard = self._names[bisect_right(self._lows, _hash_of(key)) - 1]
        self._last += 1
        records = self._records[shard]
        new = Arrived(shard, self._last, key, data, at)
        if not records or not self._overtakes(records[-1], at):
            self._records[shard] = (*records, new)
            return
        *before, last = records
        first = new._replace(sequence=last.sequence)
        self._records[shard] = (*before, first, last._replace(sequence=new.sequence))
        self.overtaken += 1

    def _overtakes(self, last: Arrived, at: int) -> bool:
        """Two puts in quick succession may swap places, while nobody has read the first one."""
        unread = at - last.at < QUICK_US and self._seen.get(last.shard, 0) < last.sequence
        return unread and self.chance.happens("put overtakes")

    def _size(self, most: int) -> int:
        """How many records are read of so many that could be."""
        if most > 1 and self.chance.happens("read short"):
            return self.chance.pick(range(1, most))
        return most

    def _range(self, name: str) -> Range:
        if name not in self._ranges:
            raise ValueError(f"{name}: is no open shard")
        return self._ranges[name]

    def _grow(self, ranges: Sequence[Range], *parents: str) -> tuple[str, ...]:
        """Shards with these ranges, in place of their parents."""
        olds = [one._replace(closed=one.closed or one.name in parents) for one in self._shards]
        named = tuple(one.name for one in olds if one.name in parents)  # the eldest first
        first = len(olds) + 1
        children = {f"shard-{number}": range for number, range in enumerate(ranges, first)}
        left = {name: range for name, range in self._ranges.items() if name not in parents}
        lowest_first = sorted((left | children).items(), key=lambda one: one[1])
        self._shards = (*olds, *[Shard(name, named, closed=False) for name in children])
        self._ranges = dict(lowest_first)
        self._names = tuple(self._ranges)
        self._lows = tuple(low for low, _ in self._ranges.values())
        self._records |= dict.fromkeys(children, ())
        return tuple(children)


_hash_of = lru_cache(KEYS_KNOWN_MAX)(hash_of)
