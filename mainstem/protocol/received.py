"""What a batch of the feed holds: the events of some domains; and what nobody can read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mainstem._machine import Record
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.bundle import Opened, domain_of, opened
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.ports import Arrived, Clock, Parks, Quarantined
from mainstem.ports.parks import Position


class Happening:
    """An event as it arrived: where it stands on the feed, its bytes, and what it says."""

    __slots__ = ("_read", "aggregate", "arrived", "envelope", "line", "position")

    def __init__(
        self, position: Position, line: bytes, envelope: Envelope, arrived: int | None = None
    ) -> None:
        self.position, self.line, self.envelope = position, line, envelope
        # A command's time is ours; that of a fact is its producer's, so it counts when it came.
        self.arrived = envelope.at if arrived is None else arrived
        self.aggregate = Aggregate(envelope.tenant, envelope.domain, envelope.id)
        self._read: tuple[str, Record] | None = None

    @property
    def version(self) -> int:
        """The one it was committed with; a fact gets its own where it is applied."""
        return self.envelope.version

    def read(self, domain: Domain, version: int) -> tuple[str, Record]:
        """As folds read it, as this version. Raises Unfit, as for an unknown type."""
        if self._read is None:  # several sinks read the same event
            self._read = domain.record(self.envelope)
        type, record = self._read
        record["version"] = version
        return type, record


@dataclass(frozen=True)
class Received:
    """One record that could be read."""

    arrived: Arrived
    bundle: Opened

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """Its events, in order."""
        came = self.arrived.at if self.bundle.header.producer else None
        pairs = zip(self.bundle.lines, self.bundle.envelopes, strict=True)
        return tuple(
            Happening((self.arrived.sequence, index), line, envelope, came)
            for index, (line, envelope) in enumerate(pairs)
        )


async def receive(
    parks: Parks, clock: Clock, batch: Sequence[Arrived], domains: Iterable[str]
) -> tuple[Received, ...]:
    """What of a batch is these domains'. Bytes that nobody can decode are put in quarantine."""
    wanted, found = frozenset(domains), []
    for arrived in batch:
        name = domain_of(arrived.key)
        if name and name not in wanted:
            continue  # somebody else's, or code that knows it will fold it from the journal
        try:
            found.append(Received(arrived, opened(arrived.key, arrived.data)))
        except Unfit as no:
            await parks.quarantine(
                Quarantined(
                    arrived.shard, arrived.sequence, arrived.key, arrived.data,
                    str(no), await clock.now(),
                )
            )  # fmt: skip
    return tuple(found)


def of_domain(received: Iterable[Received], domain: Domain) -> tuple[Received, ...]:
    """Those of one domain."""
    return tuple(one for one in received if domain_of(one.arrived.key) == domain.name)
