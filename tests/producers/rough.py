"""A feed that throttles, fails in part, does without saying so, and splits under load; from a seed.

A stand-in in memory for Kinesis: it keeps what was put in the order of its sequences, and fails on
purpose where Kinesis may.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from threading import Lock

from mainstem.ports import Acknowledged, Bundle, Reading, Shard, Unavailable, Unknown
from mainstem.ports.feed import refuse_much
from mainstem.sim.stores.feed import Feed

REFUSED, UNKNOWN, AWAY, SPLIT = 0.05, 0.03, 0.02, 0.01


class RoughFeed:
    """The Feed port, at its worst."""

    def __init__(self, seed: int, shards: int = 4) -> None:
        self.random, self.turn = Random(seed), Lock()
        self.behind = Feed(lambda: 0, shards)
        self.calls = self.failed = self.splits = 0

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """Some of them, perhaps; perhaps nobody says which."""
        refuse_much(bundles)
        with self.turn:
            self.calls += 1
            if self.random.random() < SPLIT:
                await self._split()
            if self.random.random() < AWAY:
                self.failed += 1
                raise Unavailable("nobody is there")
            results = [await self._one(one) for one in bundles]
            self.failed += not all(results)
            if self.random.random() < UNKNOWN:
                self.failed += 1
                raise Unknown("nobody knows")
            return tuple(results)

    async def shards(self) -> tuple[Shard, ...]:
        """All of them."""
        return await self.behind.shards()

    async def read(self, shard: str, after: int, limit: int) -> Reading:
        """As it is."""
        return await self.behind.read(shard, after, limit)

    async def _one(self, bundle: Bundle) -> bool:
        drawn = self.random.random()
        if drawn < REFUSED:
            return False
        await self.behind.put([bundle])
        return drawn > 2 * REFUSED / 1.5  # it is there, and yet refused

    async def _split(self) -> None:
        shard = self.random.choice([one.name for one in await self.shards() if not one.closed])
        self.behind.split(shard)
        self.splits += 1
