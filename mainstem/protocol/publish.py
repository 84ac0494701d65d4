"""PUBLISH: everything of an aggregate that is not on the feed yet, in order, then marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, runs
from mainstem.ports import Bundle, Feed, Journal, Record


async def publish(
    journal: Journal, feed: Feed, aggregate: Aggregate, hinted: Collection[int] = ()
) -> bool:
    """Whether all of it was acknowledged. An unknown outcome is raised, and left to the sweeper."""
    records = await journal.unpublished(aggregate)
    for some in _in_bundles(records):
        # R1: all unpublished records, in order; the next bundle only once this one is there.
        lines = [line for record in some for line in record.events]
        (acknowledged,) = await feed.put([Bundle(aggregate.key, bundled(lines))])
        if not acknowledged:
            return False
        # R2: marked only now, and only what that bundle held.
        await journal.mark(aggregate, tuple(record.first for record in some))
    lowest = records[0].first if records else None
    below = tuple(first for first in hinted if lowest is None or first < lowest)
    if below:  # below a published one, so they are on the feed already
        await journal.mark(aggregate, below)
    return True


def _in_bundles(records: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
    sizes = [(len(one.events), sum(map(len, one.events)) + len(one.events)) for one in records]
    for start, end in runs(sizes):
        yield records[start:end]
