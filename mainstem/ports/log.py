"""A producer's log: what was taken from somebody and is not known to be on the feed.

Whatever is kept is on the disk: that is what "stored" promises. One process has it at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol


class Sealed(NamedTuple):
    """A bundle of a lane as it was numbered: sent again with the same bytes, for ever."""

    lane: str
    data: bytes
    facts: int
    producer: str
    n: int
    at: int  # when it was numbered
    place: int = 0  # in the log; 0 where there is none


class Source(NamedTuple):
    """How far a file has been read, in whole rows of which each was kept or rejected."""

    digest: str  # of its bytes
    size: int
    name: str
    at: int
    rows: int = 0
    rejected: int = 0
    finished: bool = False


def page(bundles: Iterable[Sealed], bytes_max: int) -> tuple[Sealed, ...]:
    """The first of them, about so many bytes, and one at least."""
    found, size = list[Sealed](), 0
    for one in bundles:
        size += len(one.data)
        if found and size > bytes_max:
            break
        found.append(one)
    return tuple(found)


class Log(Protocol):
    """Kept until it is done."""

    async def keep(
        self, bundles: Sequence[Sealed], source: Source | None = None
    ) -> tuple[Sealed, ...]:
        """All of them and how far the source is, each with its place.

        Raises Unavailable where nothing was kept, and Unknown where nobody knows.
        """
        ...

    async def done(self, bundles: Sequence[Sealed]) -> None:
        """They are on the feed. Should this be forgotten, they are sent once more."""
        ...

    async def left(self, after: int, bytes_max: int) -> tuple[Sealed, ...]:
        """What isn't done, in order from behind a place, about so many bytes of it."""
        ...

    async def sources(self) -> tuple[Source, ...]:
        """Every file that it has heard of, the latest last."""
        ...
