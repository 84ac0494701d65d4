"""A journal that puts on the feed what it commits, in the same transaction: both are in one file.

What R1 and R2 ask for then holds by itself: the bundle is there exactly if the record is, and the
record is marked from the beginning. Whatever can't be posted so is left to PUBLISH, as ever.
"""

from __future__ import annotations

import sqlite3

from local.feed import Feed
from local.journal import Journal, committed
from local.store import Store
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled
from mainstem.ports import Bundle, Claims, Once, Record, Verdict
from mainstem.ports.journal import slot_of

WAITING = """
SELECT 1 FROM records
WHERE published = 0 AND slot = ? AND tenant = ? AND domain = ? AND id = ? LIMIT 1
"""
UNMARK = "UPDATE records SET published = 0 WHERE tenant = ? AND domain = ? AND id = ? AND last = ?"


class Posting(Journal):
    """The Journal port for whoever asks commands here."""

    def __init__(self, store: Store, feed: Feed) -> None:
        super().__init__(store)
        self._feed = feed

    async def commit(self, record: Record, claims: Claims, once: Once | None) -> Verdict:
        """Write it IF ABSENT, with its bundle; it has reached the disk."""
        bundle = Bundle(record.aggregate.key, bundled(record.events))
        return self._store.write(lambda db: self._committed(db, record, claims, once, bundle))

    def _committed(
        self,
        db: sqlite3.Connection,
        record: Record,
        claims: Claims,
        once: Once | None,
        bundle: Bundle,
    ) -> Verdict:
        # Behind what waits to be published it waits as well: one bundle holds all of it (R1).
        posted = not _waiting(db, record.aggregate)
        verdict = committed(db, record, claims, once, published=posted)
        if verdict is not Verdict.COMMITTED or not posted:
            return verdict
        if not self._feed.post(db, bundle, record.at):
            db.execute(UNMARK, (*record.aggregate, record.last))
            return verdict
        return Verdict.POSTED


def _waiting(db: sqlite3.Connection, aggregate: Aggregate) -> bool:
    return db.execute(WAITING, (slot_of(aggregate), *aggregate)).fetchone() is not None
