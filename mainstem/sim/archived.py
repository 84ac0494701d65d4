"""What the archive has of a domain at some moment, folded as a rebuild folds it.

It is behind the feed, and here and there it has lost an event or has one twice: no file of it says
so, and the numbers of the events do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mainstem.aggregate import Aggregate
from mainstem.bundle import is_lane
from mainstem.envelope import decode
from mainstem.folding import Folding
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from mainstem.protocol.folded import Dirty, Folded
from mainstem.sim.world import World
from mainstem.sink import Sink

EVERY = 10_000
LOST = DOUBLED = 0.08  # of aggregates
Lines = list[bytes]


def folded(world: World, sink: Sink, upto: Mapping[str, int]) -> list[Folded | Dirty]:
    """Each aggregate of a view's domain, as far as this position of every shard."""
    found, chance = list[Folded | Dirty](), world.rebuilds
    for aggregate, lines in _archived(world, sink.domain.name, upto):
        if chance.random() < LOST:
            lines.pop(chance.randrange(len(lines)))
        elif chance.random() < DOUBLED:
            lines.append(chance.choice(lines))
        if lines:
            found.append(_folded(sink, aggregate, lines))
    return found


def _archived(
    world: World, domain: str, upto: Mapping[str, int]
) -> Iterator[tuple[Aggregate, Lines]]:
    """What has been on the feed by then, though it may be gone from there since."""
    there, later = _fed(world, upto)
    for aggregate in [one for one in world.asked_of if one.domain == domain]:
        records = world.now("journal", "records", aggregate, 0, EVERY)
        lines = [
            line
            for record in records
            for line in record.events
            if line in there or (record.published and line not in later)
        ]
        if lines:
            yield aggregate, lines


def _fed(world: World, upto: Mapping[str, int]) -> tuple[set[bytes], set[bytes]]:
    there, later = set[bytes](), set[bytes]()
    for shard in drive(world.stores.feed.shards()):
        for one in drive(world.stores.feed.read(shard.name, 0, EVERY)).records:
            if not is_lane(one.key):
                early = one.sequence <= upto.get(shard.name, 0)
                (there if early else later).update(one.data.split(b"\n")[1:])
    return there, later


def _folded(sink: Sink, aggregate: Aggregate, lines: Lines) -> Folded | Dirty:
    events = sorted(map(decode, lines), key=lambda one: one.version)
    high = events[-1].version
    if [one.version for one in events] != [*range(1, high + 1)]:
        return Dirty(aggregate, high, "is not whole")
    folding = Folding(sink.state)
    try:
        for one in events:
            folding.advance(*sink.domain.record(one))
    except Exception as no:  # noqa: BLE001  whatever the domain's code met
        return Dirty(aggregate, high, str(no), whole=True)
    return Folded(aggregate, high, NOWHERE, folding.rows if folding.keyed else {"": folding.cells})
