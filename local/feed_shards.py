"""Shards of the feed: each has a range of hashes. Nobody writes to one that is closed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from local.store import Store
from mainstem.ports import Shard

ALL = "SELECT number, parents, closed FROM shards ORDER BY number"
OPEN = "SELECT low, number FROM shards WHERE closed = 0 ORDER BY low"
ENDS = """
SELECT number, coalesce((SELECT max(sequence) FROM bundles WHERE shard = number), 0) FROM shards
"""
RANGE = "SELECT low, high FROM shards WHERE number = ? AND closed = 0"
CLOSE = "UPDATE shards SET closed = 1 WHERE number = ?"
ADD = "INSERT INTO shards (low, high, parents) VALUES (?, ?, ?)"


def name_of(number: int) -> str:
    """What readers call it."""
    return f"shard-{number}"


def number_of(name: str) -> int:
    """What the tables call it."""
    return int(name.removeprefix("shard-"))


def shards_of(store: Store) -> tuple[Shard, ...]:
    """All of them; a child's number is higher than its parents'."""
    return tuple(
        Shard(name_of(number), tuple(map(name_of, json.loads(parents))), bool(closed))
        for number, parents, closed in store.rows(ALL)
    )


def ends_of(store: Store) -> Mapping[str, int]:
    """The highest sequence of each that is kept; 0 where nothing is."""
    return {name_of(number): sequence for number, sequence in store.rows(ENDS)}


def split_of(db: sqlite3.Connection, name: str) -> tuple[str, str]:
    """Its two halves. Raises ValueError where there is nothing to split."""
    low, high = _range(db, name)
    if low == high:
        raise ValueError(f"{name}: has one hash only; there is nothing to split")
    middle = (low + high) // 2
    parents = _closed(db, [name])
    return _added(db, low, middle, parents), _added(db, middle + 1, high, parents)


def merged(db: sqlite3.Connection, one: str, other: str) -> str:
    """The two in one. Raises ValueError where they don't lie side by side."""
    (low, end), (begin, high) = sorted([_range(db, one), _range(db, other)])
    if end + 1 != begin:
        raise ValueError(f"{one} and {other}: do not lie side by side")
    return _added(db, low, high, _closed(db, [one, other]))


def _range(db: sqlite3.Connection, name: str) -> tuple[int, int]:
    found: tuple[int, int] | None = db.execute(RANGE, (number_of(name),)).fetchone()
    if found is None:
        raise ValueError(f"{name}: is no open shard")
    return found


def _closed(db: sqlite3.Connection, names: Sequence[str]) -> str:
    numbers = [number_of(name) for name in names]
    db.executemany(CLOSE, [(number,) for number in numbers])
    return json.dumps(sorted(numbers))


def _added(db: sqlite3.Connection, low: int, high: int, parents: str) -> str:
    number = db.execute(ADD, (low, high, parents)).lastrowid
    assert number is not None
    return name_of(number)
