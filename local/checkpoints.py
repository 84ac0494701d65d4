"""Checkpoints: how far a generation's consumer has come on each shard of the feed.

They stand in the file of the rows: what a power loss takes back, it takes back with them.
"""

from __future__ import annotations

from collections.abc import Mapping

from local.store import Store
from mainstem.ports import Generation

POSITIONS = "SELECT shard, sequence FROM positions WHERE generation = ? ORDER BY shard"
ADVANCE = """INSERT INTO positions (generation, shard, sequence) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)"""
BEGIN = "INSERT OR IGNORE INTO positions (generation, shard, sequence) VALUES (?, ?, ?)"
COPY = """INSERT OR IGNORE INTO positions (generation, shard, sequence)
    SELECT ?, shard, sequence FROM positions WHERE generation = ?"""


class Checkpoints:
    """Positions, by generation and shard."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def positions(self, generation: Generation) -> dict[str, int]:
        """The last sequence that is done with, by shard; a shard nobody began is not there."""
        return dict(self.store.rows(POSITIONS, generation.number))

    def advance(self, generation: Generation, shard: str, sequence: int) -> None:
        """Everything up to here is done with. Only ever forward."""
        place = (generation.number, shard, sequence)
        self.store.write(lambda db: db.execute(ADVANCE, place), durable=False)

    def begin(self, generation: Generation, positions: Mapping[str, int]) -> None:
        """Where it starts to read; a shard that has begun goes on from where it is."""
        number = generation.number
        places = [(number, shard, sequence) for shard, sequence in positions.items()]
        self.store.write(lambda db: db.executemany(BEGIN, places), durable=False)

    def copy(self, origin: Generation, target: Generation) -> None:
        """The target starts where the origin is; a shard that has begun stays where it is."""
        numbers = (target.number, origin.number)
        self.store.write(lambda db: db.execute(COPY, numbers), durable=False)
