"""Lanes: how far each lane of an ingested domain has come, one item a lane."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from local.store import Store
from mainstem.ports import Generation, Lane

READ = "SELECT sequence, bundles, total, producers FROM lanes WHERE generation = ? AND lane = ?"
START = """INSERT INTO lanes (sequence, bundles, total, producers, generation, lane)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET sequence = excluded.sequence, bundles = excluded.bundles,
        total = excluded.total, producers = excluded.producers
    WHERE lanes.sequence = 0"""
EVERY = "SELECT lane, sequence, bundles, total, producers FROM lanes WHERE generation = ?"
COPY = """INSERT OR IGNORE INTO lanes (generation, lane, sequence, bundles, total, producers)
    SELECT ?, lane, sequence, bundles, total, producers FROM lanes WHERE generation = ?"""
MOVE = """UPDATE lanes SET sequence = ?, bundles = ?, total = ?, producers = ?
    WHERE generation = ? AND lane = ? AND sequence = ?"""


def lane_of(store: Store, generation: Generation, lane: str) -> Lane:
    """Where it stands; at its beginning where nothing was written."""
    found = store.row(READ, generation.number, lane)
    if found is None:
        return Lane()
    sequence, bundles, total, producers = found
    return Lane(sequence, bundles, total, _opened(producers))


def moved(db: sqlite3.Connection, generation: Generation, lane: str, read: Lane, new: Lane) -> bool:
    """Whether it moved: it stood where it was read."""
    values = (new.sequence, new.bundles, new.total, json.dumps(new.producers))
    where = (generation.number, lane)
    if read.sequence == 0:
        return db.execute(START, (*values, *where)).rowcount == 1
    return db.execute(MOVE, (*values, *where, read.sequence)).rowcount == 1


def lanes_of(store: Store, generation: Generation) -> dict[str, Lane]:
    """All of them, by name."""
    found = store.rows(EVERY, generation.number)
    return {
        name: Lane(sequence, bundles, total, _opened(producers))
        for name, sequence, bundles, total, producers in found
    }


def copied(db: sqlite3.Connection, origin: Generation, target: Generation) -> None:
    """The target's begin where the origin's are; what has begun stays where it is."""
    db.execute(COPY, (target.number, origin.number))


def _opened(producers: str) -> dict[str, Any]:
    found = json.loads(producers)
    return {name: (n, tuple(missing), at) for name, (n, missing, at) in found.items()}
