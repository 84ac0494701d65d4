"""Intents in memory: effects that are due, each written once, by whichever generation is first."""

from __future__ import annotations

from itertools import islice

from mainstem.ports import Intent
from mainstem.sim.stores.views import Views


class Intents:
    """What is to be done, in the order it was written."""

    def __init__(self, views: Views) -> None:
        self.views = views

    async def waiting(self, after: int, limit: int) -> tuple[tuple[int, Intent], ...]:
        """Those not done yet, each with its place."""
        found = (one for one in self.views.waiting.items() if one[0] > after)
        return tuple(islice(found, limit))

    async def done(self, place: int, at: int) -> None:
        """It happened. Its key stays for ever, so that the same effect is never due again."""
        self.views.waiting.pop(place, None)

    async def since(self, reaction: str, at: int) -> int:
        """From when on a reaction fires: the first time it was asked about, for ever."""
        return self.views.since.setdefault(reaction, at)
