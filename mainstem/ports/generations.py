"""Generations: builds of a view. One is current; a pointer says which, switched conditionally."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Protocol


class Stage(StrEnum):
    """Where a build stands."""

    BUILDING = "building"
    CURRENT = "current"
    KEPT = "kept"


class Generation(NamedTuple):
    """One build of a sink, by code with one fingerprint (R5)."""

    number: int
    sink: str  # such as "tickets.Ticket"
    fingerprint: str
    stage: Stage
    since: int


class Generations(Protocol):
    """Which builds there are, and which one is read."""

    async def of(self, sink: str) -> tuple[Generation, ...]:
        """All there are, oldest first."""
        ...

    async def start(self, sink: str, fingerprint: str, at: int) -> Generation:
        """The one being built with this fingerprint: a new one, or the one begun before."""
        ...

    async def promote(self, new: Generation, instead_of: Generation | None, at: int) -> bool:
        """Make it current IF what it takes the place of still is; False: somebody else was here."""
        ...

    async def drop(self, generation: Generation) -> bool:
        """Forget it with all its rows, IF it is not current."""
        ...

    async def noted(self, generation: Generation, name: str) -> str:
        """A note about it, such as how far the auditor has come; "" where there is none."""
        ...

    async def note(self, generation: Generation, name: str, text: str) -> None:
        """Write it down."""
        ...

    async def turn(self, generation: Generation, name: str, was: str, text: str) -> bool:
        """Write it down IF the note still says what it did; False: somebody else was here."""
        ...
