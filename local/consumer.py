"""The consumer of one machine: reads the feed shard by shard, into every generation at once.

A batch is read once for all the sinks that have come equally far, and its rows, parks, intents and
checkpoints are one transaction: whatever happens, they are all there or none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from local.adapters import Adapters
from mainstem.ports import Reading, Shard
from mainstem.protocol.consume import Into, consume
from mainstem.protocol.drive import drive
from mainstem.protocol.lanes import consume_lanes
from mainstem.protocol.received import Received, of_domain, receive

RECORDS_PER_BATCH_MAX = 200


@dataclass
class Consumer:
    """Where each sink has come to, and how it goes on. One process on a folder has one."""

    ports: Adapters
    intos: Sequence[Into]
    upto: Mapping[str, int] | None = None  # how far at most, shard by shard
    positions: dict[int, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for into in self.intos:
            number = into.generation.number
            self.positions[number] = dict(self.ports.checkpoints.positions(into.generation))

    def step(self) -> int:
        """Consumes a batch of every shard; how many records there were. 0: nothing is left."""
        shards = drive(self.ports.feed.shards())
        ends = self.ports.feed.ends()  # after that: where one was closed, nothing is put any more
        ended: set[tuple[int, str]] = set()
        done = 0
        for shard in shards:
            for position, intos in self._abreast(shard, ended):
                if position < ends[shard.name]:
                    done += self._batch(shard, position, intos, ended)
                elif shard.closed:
                    ended |= {(into.generation.number, shard.name) for into in intos}
        return done

    def _abreast(
        self, shard: Shard, ended: set[tuple[int, str]]
    ) -> Iterator[tuple[int, list[Into]]]:
        """The sinks by how far they have come, without those that still read a parent."""
        groups: dict[int, list[Into]] = {}
        for into in self.intos:
            number = into.generation.number
            if all((number, parent) in ended for parent in shard.parents):
                position = self.positions[number].get(shard.name, 0)
                groups.setdefault(position, []).append(into)
        return iter(groups.items())

    def _batch(
        self, shard: Shard, position: int, intos: list[Into], ended: set[tuple[int, str]]
    ) -> int:
        reading = drive(self.ports.feed.read(shard.name, position, RECORDS_PER_BATCH_MAX))
        reading = self._bounded(shard, reading)
        moved = self._apply(shard, reading, intos) if reading.records else False
        for into in intos:
            at = self.positions[into.generation.number].get(shard.name, 0)
            if reading.ended and at >= reading.upto:
                ended.add((into.generation.number, shard.name))
        return len(reading.records) if moved else 0

    def _bounded(self, shard: Shard, reading: Reading) -> Reading:
        if self.upto is None:
            return reading
        last = self.upto.get(shard.name, 0)
        records = tuple(one for one in reading.records if one.sequence <= last)
        return reading._replace(records=records, upto=min(reading.upto, last))

    def _apply(self, shard: Shard, reading: Reading, intos: list[Into]) -> bool:
        """Whether any sink is further than before; what failed is delivered again later."""
        names = {into.sink.domain.name for into in intos}
        reached: dict[int, int] = {}
        with self.ports.folder.views.together():
            parks, clock = self.ports.parks, self.ports.clock
            batch = drive(receive(parks, clock, reading.records, names))
            for into in intos:
                failed = self._consume(into, batch)
                at = reading.upto if failed is None else failed - 1
                reached[into.generation.number] = at
                self.ports.checkpoints.advance(into.generation, shard.name, at)
        moved = False
        for number, at in reached.items():
            moved |= at > self.positions[number].get(shard.name, 0)
            self.positions[number][shard.name] = at
        return moved

    def _consume(self, into: Into, batch: Sequence[Received]) -> int | None:
        domain = into.sink.domain
        own = of_domain(batch, domain)
        if not own:
            return None
        return drive((consume if domain.decided else consume_lanes)(into, own))
