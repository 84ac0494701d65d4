"""Hazards: what befalls a life beside the faults of single calls, as often as chance has it."""

from __future__ import annotations

from mainstem.ports import Bundle
from mainstem.protocol.drive import drive
from mainstem.sim.world import World

MERGED = 0.4
TORN = 0.05
OUTAGE_US_MAX = 40_000_000
KEPT_US = 15_000_000  # a feed keeps for a day or a year; here a life takes a minute
OUTAGES = ("journal", "feed", "rows", "parks", "generations", "search")


class Hazards:
    """Shards part and join, a feed forgets, nobody reaches a port, nobody can read a record."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reshards = world.random.choice((0, 0, 1, 2))
        self.outages = world.random.choice((0, 0, 0, 1, 2))
        self.forgets = world.random.choice((0, 0, 0, 1))
        self.forgotten = False

    def reshard(self) -> None:
        """A shard parts, or two join."""
        if not self.reshards:
            return
        self.reshards -= 1
        random, feed = self.world.random, self.world.stores.feed
        shards = [one.name for one in drive(feed.shards()) if not one.closed]
        if len(shards) == 1 or random.random() > MERGED:
            shard = random.choice(shards)
            self.world.befalls(
                "shard parts", f"{shard} parts into {' and '.join(feed.split(shard))}"
            )
            return
        place = random.randrange(len(shards) - 1)
        try:
            one = feed.merge(shards[place], shards[place + 1])
        except ValueError:  # they don't lie side by side
            return
        self.world.befalls("shards join", f"{shards[place]} and {shards[place + 1]} become {one}")

    def forget(self) -> None:
        """What is old is let go, delivered or not; facts stay, for they are nowhere else."""
        if not self.forgets:
            return
        self.forgets -= 1
        before = self.world.scheduler.now - KEPT_US
        if forgotten := self.world.stores.feed.forget(before, keep_facts=True):
            self.forgotten = True
            self.world.befalls("feed forgets", f"{forgotten} records of the feed are let go")

    def outage(self) -> None:
        """Nobody reaches one of the ports for a while."""
        world = self.world
        if self.outages and not world.faults.down:
            self.outages -= 1
            world.faults.down = world.random.choice(OUTAGES)
            wait = int(world.random.random() * OUTAGE_US_MAX)
            self.world.befalls("port is away", f"nobody reaches {world.faults.down}")
            world.scheduler.after(wait, self._up)

    def _up(self) -> None:
        self.world.scheduler.told("the world", f"{self.world.faults.down} can be reached again")
        self.world.faults.down = ""

    def tear(self) -> None:
        """Somebody puts what is no bundle."""
        if self.world.random.random() < TORN and self.world.asked_of:
            key = self.world.random.choice(list(self.world.asked_of)).key
            drive(self.world.stores.feed.put([Bundle(key, b"\x00 no bundle")]))
            self.world.befalls("no bundle", f"somebody puts under {key} what is no bundle")
