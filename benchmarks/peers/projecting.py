"""A projection over `eventsourcing`'s notification log: orders, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol

from benchmarks.peers import SQLITE
from benchmarks.peers.with_eventsourcing import Order, Store
from mainstem.envelope import Envelope

PAGE = 1_000


class Log:
    """The log of an application that has saved these orders."""

    def __init__(self, envelopes: Iterable[Envelope]) -> None:
        self.application = Store(SQLITE, envelopes).application

    def projected(self) -> dict[UUID, Order]:
        """Each order as far as the log goes: its events are applied as its class says."""
        found: dict[UUID, Any] = {}
        for event in self._events():
            found[event.originator_id] = event.mutate(found.get(event.originator_id))
        return found

    def _events(self) -> Iterator[DomainEventProtocol[UUID]]:
        after = 1
        while some := self.application.recorder.select_notifications(start=after, limit=PAGE):
            yield from (self.application.mapper.to_domain_event(one) for one in some)
            after = some[-1].id + 1
