"""Intents: effects that are due, written with the row that caused them, done once per key."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from mainstem.aggregate import Aggregate


class Intent(NamedTuple):
    """(aggregate, version, reaction, n) is its key: written again, it is the same one."""

    aggregate: Aggregate
    version: int
    reaction: str
    n: int
    effect: bytes  # as JSON
    at: int

    @property
    def key(self) -> tuple[Aggregate, int, str, int]:
        """What it is done once for."""
        return self.aggregate, self.version, self.reaction, self.n


class Intents(Protocol):
    """What is due. Rows are written with them; whoever does them reads them here."""

    async def waiting(self, after: int, limit: int) -> tuple[tuple[int, Intent], ...]:
        """Those not done yet, in the order they were written, each with its place."""
        ...

    async def since(self, reaction: str, at: int) -> int:
        """From when on a reaction fires: the first time it was asked about. Never for history."""
        ...
