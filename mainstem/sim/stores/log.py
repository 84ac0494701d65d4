"""A host's log in memory. It outlives processes; whoever has opened it last has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mainstem.ports import Sealed, Source, Unavailable
from mainstem.ports.log import page


@dataclass
class Shelf:
    """What lies on the host's disk."""

    kept: dict[int, Sealed] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    place: int = 0
    opened: int = 0


class Log:
    """The Log port, as one process has it."""

    def __init__(self, shelf: Shelf) -> None:
        shelf.opened += 1
        self.shelf, self._mine = shelf, shelf.opened

    async def keep(
        self, bundles: Sequence[Sealed], source: Source | None = None
    ) -> tuple[Sealed, ...]:
        """All of them."""
        shelf = self._held()
        placed = []
        for one in bundles:
            shelf.place += 1
            placed.append(one._replace(place=shelf.place))
            shelf.kept[shelf.place] = placed[-1]
        if source is not None:
            shelf.sources.pop(source.digest, None)
            shelf.sources[source.digest] = source
        return tuple(placed)

    async def done(self, bundles: Sequence[Sealed]) -> None:
        """Not kept any longer."""
        shelf = self._held()
        for one in bundles:
            shelf.kept.pop(one.place, None)

    async def left(self, after: int, bytes_max: int) -> tuple[Sealed, ...]:
        """In the order of their places."""
        return page((one for one in self._held().kept.values() if one.place > after), bytes_max)

    async def sources(self) -> tuple[Source, ...]:
        """The latest last."""
        return tuple(self._held().sources.values())

    def _held(self) -> Shelf:
        if self.shelf.opened != self._mine:
            raise Unavailable("another producer has this log")
        return self.shelf
