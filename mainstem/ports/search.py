"""Search: words of rows. Derived, eventually consistent, and it says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from mainstem.ports.generations import Generation


class Document(NamedTuple):
    """A row's words, by search mark; None is a tombstone. Lower versions never replace higher."""

    tenant: str
    id: str
    key: str
    version: int
    words: Mapping[str, str] | None


class Hit(NamedTuple):
    """A document that was found."""

    id: str
    key: str
    place: str  # where to go on


class Search(Protocol):
    """An index of words that follows the rows."""

    async def put(self, generation: Generation, documents: Sequence[Document]) -> None:
        """Index them, each IF its version is higher than the one there."""
        ...

    async def find(
        self, generation: Generation, tenant: str, mark: str, words: str, after: str, limit: int
    ) -> tuple[Hit, ...]:
        """Documents with all of these words, best first. Words are no query language."""
        ...
