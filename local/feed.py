"""The feed in a file: bundles, numbered in the order in which they were put.

A put of what is journalled doesn't wait for the disk: what makes its bundle matter, the mark in the
journal, lies in the same file and reaches the disk after it. Facts are nowhere else, so theirs do.

A power loss may take back a bundle that a consumer has seen already, and a number given twice would
pass for one that is done with. So numbers are given only below a mark that is on the disk, and
whoever opens the feed begins above the mark it finds: whatever was given and lost lies below it.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from local.clock import WallClock
from local.feed_shards import OPEN, ends_of, merged, number_of, shards_of, split_of
from local.store import Store
from mainstem.bundle import is_lane
from mainstem.ports import Acknowledged, Arrived, Bundle, Clock, Reading, Shard
from mainstem.ports.feed import hash_of, refuse_much

NUMBERS_PER_BLOCK = 100_000
BYTES_PER_READ_MAX = 4 * 1024 * 1024
BEHIND_COUNTED_MAX = 10_000
FORGOTTEN_PER_COMMIT_MAX = 1_000
NUMBER_MAX = 2**63 - 1

FREE = """
SELECT max(floor, coalesce((SELECT max(sequence) FROM bundles), 0)), reserved FROM numbers
"""
RESERVE = "UPDATE numbers SET floor = reserved, reserved = reserved + ?"
ADD = "INSERT INTO bundles (sequence, shard, at, key, data) VALUES (?, ?, ?, ?, ?)"
ADD_ONE = """
INSERT INTO bundles (sequence, shard, at, key, data)
SELECT
    max(floor, coalesce((SELECT max(sequence) FROM bundles), 0)) + 1,
    (SELECT number FROM shards WHERE closed = 0 AND ?1 BETWEEN low AND high), ?2, ?3, ?4
FROM numbers
WHERE reserved > max(floor, coalesce((SELECT max(sequence) FROM bundles), 0))
"""
CLOSED = "SELECT closed FROM shards WHERE number = ?"
AFTER = """
SELECT sequence, key, data, at FROM bundles WHERE shard = ? AND sequence > ?
ORDER BY sequence LIMIT ?
"""
BEHIND = "SELECT count(*) FROM (SELECT 1 FROM bundles WHERE shard = ? AND sequence > ? LIMIT ?)"
RAISE_FLOOR = """
UPDATE numbers SET floor = max(floor, coalesce((SELECT max(sequence) FROM bundles), 0))
"""
YOUNG = "SELECT sequence FROM bundles WHERE at >= ? ORDER BY sequence LIMIT 1"
OLD = """
SELECT sequence FROM bundles
WHERE sequence > ? AND sequence < ? AND NOT (? AND instr(key, '/~') > 0)
ORDER BY sequence LIMIT ?
"""
FORGET = "DELETE FROM bundles WHERE sequence = ?"

Put = tuple[int, int, str, bytes]


class Feed:
    """The Feed port over a Store."""

    def __init__(self, store: Store, clock: Clock | None = None) -> None:
        self._store = store
        self._clock = clock or WallClock()
        self._begun = False

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """All of them, or none and Unavailable says why."""
        refuse_much(bundles)
        at = await self._clock.now()
        puts = [(hash_of(one.key), at, one.key, one.data) for one in bundles]
        only_copy = any(is_lane(one.key) for one in bundles)
        # Inside a whole that isn't on the disk yet, numbers can't be reserved.
        assert not self._store.inside, "a put is a transaction of its own"
        while not (self._begun and self._store.write(lambda db: _put(db, puts), durable=only_copy)):
            self._store.write(_reserve)
            self._begun = True
        return (True,) * len(puts)

    def post(self, db: sqlite3.Connection, bundle: Bundle, at: int) -> bool:
        """Puts it with what the transaction at hand writes; False: no number is left for it."""
        put = (hash_of(bundle.key), at, bundle.key, bundle.data)
        return self._begun and db.execute(ADD_ONE, put).rowcount == 1

    async def shards(self) -> tuple[Shard, ...]:
        """All of them, parents before children."""
        return shards_of(self._store)

    async def read(self, shard: str, after: int, limit: int) -> Reading:
        """Records with a higher sequence, in order: `limit` of them, or less when they are long."""
        assert limit > 0
        return self._store.look(lambda db: _read(db, shard, after, limit))

    def ends(self) -> Mapping[str, int]:
        """Where each shard ends now: what is put later has a higher sequence."""
        return ends_of(self._store)

    def stamp(self) -> int:
        """Another number than this thread was told before, whenever anything may have changed."""
        version: int = self._store.row("PRAGMA data_version")[0]
        return version

    def split(self, shard: str) -> tuple[str, str]:
        """Closes it; each of its two children has half of its hashes from now on."""
        return self._store.write(lambda db: split_of(db, shard))

    def merge(self, one: str, other: str) -> str:
        """Closes two that lie side by side; their child has the hashes of both from now on."""
        return self._store.write(lambda db: merged(db, one, other))

    def forget(self, before: int, *, keep_facts: bool) -> int:
        """Lets go of bundles that arrived before; how many. Of facts there is no other copy yet."""
        young = self._store.row(YOUNG, before)
        below = young[0] if young else NUMBER_MAX
        forgotten, place = 0, 0
        while found := self._store.rows(OLD, place, below, keep_facts, FORGOTTEN_PER_COMMIT_MAX):
            self._store.write(partial(_forget, found), durable=False)
            forgotten, place = forgotten + len(found), found[-1][0]
        return forgotten


def _put(db: sqlite3.Connection, puts: Sequence[Put]) -> bool:
    """False: there are not enough numbers left."""
    last, reserved = db.execute(FREE).fetchone()
    if last + len(puts) > reserved:
        return False
    lows, numbers = zip(*db.execute(OPEN).fetchall(), strict=True)
    rows = [
        (sequence, numbers[bisect_right(lows, hashed) - 1], *rest)
        for sequence, (hashed, *rest) in enumerate(puts, last + 1)
    ]
    db.executemany(ADD, rows)
    return True


def _reserve(db: sqlite3.Connection) -> None:
    db.execute(RESERVE, (NUMBERS_PER_BLOCK,))


def _read(db: sqlite3.Connection, shard: str, after: int, limit: int) -> Reading:
    number = number_of(shard)
    closed = db.execute(CLOSED, (number,)).fetchone()
    assert closed is not None, f"{shard}: no such shard"
    records = tuple(_few(Arrived(shard, *row) for row in db.execute(AFTER, (number, after, limit))))
    upto = records[-1].sequence if records else after
    (behind,) = db.execute(BEHIND, (number, upto, BEHIND_COUNTED_MAX)).fetchone()
    return Reading(records, upto, bool(closed[0]) and not behind, behind)


def _few(records: Iterable[Arrived]) -> Iterator[Arrived]:
    """As many as one read may hold, and at least one."""
    size = 0
    for record in records:
        size += len(record.data)
        if size > BYTES_PER_READ_MAX and size > len(record.data):
            return
        yield record


def _forget(sequences: Sequence[tuple[int]], db: sqlite3.Connection) -> None:
    db.execute(RAISE_FLOOR)  # or the highest of them would be given again
    db.executemany(FORGET, sequences)
