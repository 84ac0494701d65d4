"""Following the feed from a place of one's own: nobody's consumer notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from cli.history import data_of, line_of
from cli.tables import printable
from local.adapters import Adapters
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.bundle import domain_of, opened
from mainstem.ports import Arrived, Reading
from mainstem.protocol.drive import drive

RECORDS_PER_STEP = 50


class Told(NamedTuple):
    """One event, as a line and as data; or what is wrong with a record."""

    text: str = ""
    data: Any = None
    wrong: str = ""


@dataclass
class Following:
    """Where it has come to, shard by shard; `more`: the last step did not read all there was."""

    ports: Adapters
    domain: str | None
    positions: dict[str, int] = field(default_factory=dict)
    more: bool = False

    def step(self) -> Iterator[Told]:
        """What has arrived since, of all shards together, in the order in which it was put."""
        readings = [self._read(shard.name) for shard in drive(self.ports.feed.shards())]
        # Beyond the end of a reading that is not the last, older records may follow.
        horizon = min((one.upto for one in readings if one.behind), default=None)
        self.more = horizon is not None
        arrived = (record for reading in readings for record in reading.records)
        for record in sorted(arrived, key=attrgetter("sequence")):
            if horizon is None or record.sequence <= horizon:
                self.positions[record.shard] = record.sequence
                yield from self._told(record)

    def _read(self, shard: str) -> Reading:
        after = self.positions.get(shard, 0)
        return drive(self.ports.feed.read(shard, after, RECORDS_PER_STEP))

    def _told(self, arrived: Arrived) -> Iterator[Told]:
        if self.domain not in (None, domain_of(arrived.key)):
            return
        try:
            bundle = opened(arrived.key, arrived.data)
        except Unfit as no:
            yield Told(wrong=f"{arrived.shard} {arrived.sequence} can't be read: {no}")
            return
        fact = bool(bundle.header.producer)
        for event in bundle.envelopes:
            of = Aggregate(event.tenant, event.domain, event.id)
            data = {"domain": event.domain, **data_of(event, fact=fact)}
            yield Told(printable(f"{of}  {line_of(event, fact=fact)}"), data)
