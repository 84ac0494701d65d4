"""Readers beside all that befalls: whoever says which version they have seen never goes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from edge.caller import Caller
from mainstem import Missing
from mainstem.ports import Trouble
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from mainstem.sim.world import PORTS, Broken
from queries.reader import Behind, Reader

SEEDS = 150
WAIT_S = 0.2
PLAN = Standard()


class Read(Life):
    """A life in which people also read: each jar, at least as new as they have seen it."""

    seen: dict[tuple[str, str], int]
    reads = 0

    def _acts(self) -> list[Callable[[], None]]:
        self.seen = {}
        return [*super()._acts(), *([self._read] * 3)]

    def _read(self) -> None:
        random, sinks = self.world.random, [one.newest.sink for one in self.builds]
        sink = next(one for one in sinks if one.name == "jars.Jar")
        by, id = random.choice(("ann", "bob")), f"jar{random.randrange(3)}"
        known = self.seen.get((by, id), 0)
        reader = Reader(
            PORTS.rows, PORTS.generations, PORTS.search, PORTS.journal, self.world.clock(), WAIT_S
        )

        async def row() -> int:
            try:
                found = await reader.row(sink, Caller(by), id, version=known)
            except (Behind, Missing):
                return 0
            return found.version

        def ended(version: int) -> None:
            if version:
                self.reads += 1
                if version < known:
                    raise Broken(f"{by} has seen {id} at {known}, and is shown {version}")
                self.seen[by, id] = max(self.seen.get((by, id), 0), version)

        self.world.scheduler.spawn(f"{by} reads {id}", row(), ended)


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_nobody_who_says_what_they_saw_is_shown_less(first: int) -> None:
    reads = 0
    for seed in range(first, first + 50):
        life = Read(seed, PLAN, Counter())
        try:
            life.run()
        except (Broken, Trouble) as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        reads += life.reads
    assert reads > 100
