"""The world of one life: what is behind the ports, clocks, faults, and one seed for all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple, cast

from mainstem.aggregate import Aggregate
from mainstem.ports import Feed, Generations, Intents, Journal, Parks, Rows, Search, Stage
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.sim.behind import Behind, Memory
from mainstem.sim.call import Ports, Watched
from mainstem.sim.clock import Clock
from mainstem.sim.faults import Faults
from mainstem.sim.plan import Plan
from mainstem.sim.scheduler import Scheduler
from mainstem.sink import Sink

SKEWS_US_MAX = (3_000_000, 3_000_000, 45_000_000)  # more than what counts as old, in some lives
FOLDS_CHANGED = 0.25
SHARDS = (1, 1, 2, 4)
TENANT = "main"
Tally = Counter[tuple[str, str]]


class Broken(Exception):
    """What must always hold does not."""


class Offices(NamedTuple):
    """The ports as the protocol sees them: every call waits for its turn."""

    journal: Journal = cast("Journal", Watched("journal"))
    feed: Feed = cast("Feed", Watched("feed"))
    rows: Rows = cast("Rows", Watched("rows"))
    parks: Parks = cast("Parks", Watched("parks"))
    generations: Generations = cast("Generations", Watched("generations"))
    intents: Intents = cast("Intents", Watched("intents"))
    search: Search = cast("Search", Watched("search"))


PORTS = Offices()  # they hold nothing: whoever drives a coroutine says what is behind them


class World:
    """Everything that one seed makes."""

    def __init__(
        self, seed: int, plan: Plan, tally: Tally, behind: Callable[[World], Behind] | None = None
    ) -> None:
        self.seed, self.plan, self.random = seed, plan, Random(seed)
        self.rebuilds = Random(f"rebuild {seed}")  # so that nobody else's story is another by them
        self.faults = Faults(self.random, tally)
        self.stores = (behind or in_memory)(self)
        self.ports = Ports(self.stores.ports())
        self.scheduler = Scheduler(self.random, self.ports, self.faults)
        self.skew_us_max = self.random.choice(SKEWS_US_MAX)
        self.asked_of: dict[Aggregate, None] = {}
        # Whether this life begins with rows that the release before has folded, and goes on with.
        self.folds_changed = self.random.random() < FOLDS_CHANGED

    def clock(self) -> Clock:
        """That of another host."""
        skew = int((self.random.random() - 0.5) * 2 * self.skew_us_max)
        return Clock(self.scheduler, skew)

    def befalls(self, kind: str, what: str) -> None:
        """It is counted, and told."""
        self.faults.tally[kind, "shown"] += 1
        self.scheduler.told("the world", what)

    def now(self, port: str, method: str, *args: Any) -> Any:
        """What a store answers at once, past the scheduler: for whoever prepares or checks."""
        return drive(getattr(self.ports.stores[port], method)(*args))

    def into(self, sink: Sink) -> Into:
        """A generation of a sink, begun and promoted before anything happens."""
        at = self.scheduler.now
        sink = replace(sink, since=dict.fromkeys((name for name, _ in sink.reactions), 0))
        new = self.now("generations", "start", sink.name, sink.fingerprint, at)
        assert self.now("generations", "promote", new, None, at)
        current = new._replace(stage=Stage.CURRENT, since=at)
        return Into(sink, current, PORTS.rows, PORTS.parks, self.clock())


def in_memory(world: World) -> Behind:
    """The simulator's own stores, as weak as the cloud."""
    shards = world.random.choice(SHARDS)
    return Memory(lambda: world.scheduler.now, shards, world.faults)
