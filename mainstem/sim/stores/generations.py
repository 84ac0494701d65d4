"""Generations in memory: builds of a view, and which of them is current."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem.ports import Generation, Stage
from mainstem.sim.stores.views import Views


class Generations:
    """One pointer a sink, switched conditionally."""

    def __init__(self, views: Views) -> None:
        self.views = views

    async def of(self, sink: str) -> tuple[Generation, ...]:
        """All there are, oldest first."""
        return tuple(self._of(sink))

    async def start(self, sink: str, fingerprint: str, at: int) -> Generation:
        """The one being built with this fingerprint: a new one, or the one begun before."""
        for one in self._of(sink):
            if one.fingerprint == fingerprint and one.stage is Stage.BUILDING:
                return one
        number = len(self.views.builds) + 1
        new = Generation(number, sink, fingerprint, Stage.BUILDING, at)
        self.views.builds[number] = new
        return new

    async def promote(self, new: Generation, instead_of: Generation | None, at: int) -> bool:
        """Make it current IF what it takes the place of still is; False: somebody else was here."""
        current = [one.number for one in self._of(new.sink) if one.stage is Stage.CURRENT]
        expected = [] if instead_of is None else [instead_of.number]
        if current != expected or self.views.builds.get(new.number) is None:
            return False
        for number in current:
            self._move(number, Stage.KEPT, at)
        self._move(new.number, Stage.CURRENT, at)
        return True

    async def drop(self, generation: Generation) -> bool:
        """Forget it with all its rows, IF it is not current."""
        known = self.views.builds.get(generation.number)
        if known is not None and known.stage is Stage.CURRENT:
            return False
        if known is not None:
            self.views.builds[generation.number] = None
        self.views.sweep()
        return True

    async def noted(self, generation: Generation, name: str) -> str:
        """A note about it; "" where there is none."""
        return self.views.notes.get((generation.number, name), "")

    async def note(self, generation: Generation, name: str, text: str) -> None:
        """Write it down."""
        place = (generation.number, name)
        if text:
            self.views.notes[place] = text
        else:
            self.views.notes.pop(place, None)  # "" is read where there is none

    async def turn(self, generation: Generation, name: str, was: str, text: str) -> bool:
        """Write it down IF the note still says what it did; False: somebody else was here."""
        if await self.noted(generation, name) != was:
            return False
        await self.note(generation, name, text)
        return True

    def _of(self, sink: str) -> Iterator[Generation]:
        for one in self.views.builds.values():
            if one is not None and one.sink == sink:
                yield one

    def _move(self, number: int, stage: Stage, at: int) -> None:
        there = self.views.builds[number]
        assert there is not None
        self.views.builds[number] = there._replace(stage=stage, since=at)
