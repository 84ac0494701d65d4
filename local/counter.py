"""The counter: commands that arrive together are decided one after the other, in one transaction.

They share one sync, and none of them races another: whoever decides has the writer, so what was
loaded is what is written on. In Python they would take turns anyway, and pay for each change.
"""

from __future__ import annotations

from dataclasses import dataclass

from local.adapters import Adapters
from local.posting import Posting
from local.store import Store
from mainstem.ports import Unknown
from mainstem.protocol.commit import Committed, Order, Outcome, answered, commit
from mainstem.protocol.drive import drive
from producers.asking import Asking


@dataclass(frozen=True, kw_only=True)
class Counter(Asking):
    """Where the commands of a process are asked."""

    store: Store

    def decide(self, order: Order) -> Committed:
        """Decided within a transaction, answered once that has reached the disk."""
        try:
            done = self._committed(order)
        except Unknown:  # its record is there, or it is not: looking again tells
            done = self._committed(order)
        return drive(answered(self.journal, self.feed, order, done))

    def _committed(self, order: Order) -> Outcome:
        return self.store.write(lambda _: drive(commit(self.journal, self.clock, order)))


def counter(ports: Adapters, key: bytes) -> Counter:
    """The counter of a folder."""
    store = ports.folder.journal
    journal = Posting(store, ports.feed)
    return Counter(journal=journal, feed=ports.feed, clock=ports.clock, key=key, store=store)
