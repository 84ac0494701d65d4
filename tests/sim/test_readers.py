"""Readers beside all that befalls: whoever says which version they have seen never goes back."""

from __future__ import annotations

from collections import Counter

import pytest

from edge.caller import Caller
from mainstem import Missing
from mainstem.ports import Generation, Generations
from mainstem.protocol.consume import Into
from mainstem.sim import rebuild
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from mainstem.sim.world import PORTS
from mainstem.sink import Sink
from queries.reader import Behind, Building, Reader

pytestmark = pytest.mark.slow

LIVES = 200
WAIT_S = 0.2
PAUSE_US = 500_000
PLAN = Standard()
IDS = ("jar0", "jar1", "jar2")


class Read(Life):
    """A life in which people also read: each jar, at least as new as they have seen it."""

    chaos_steps = (600, 1_200)  # readers take most of them
    says = True  # which version they have seen
    reads = back = 0

    def begin(self) -> None:
        """They read on and on, until faults stop."""
        for by in ("ann", "bob", "eve"):
            self._read_on(by, {})

    def _read_on(self, by: str, seen: dict[str, int]) -> None:
        reader = Reader(
            PORTS.rows, PORTS.generations, PORTS.search, PORTS.journal, self.world.clock(), WAIT_S
        )

        async def on() -> None:
            while self.world.faults.on:
                await self._read(reader, by, seen)

        def again(_: BaseException | None) -> None:
            self.world.scheduler.after(PAUSE_US, lambda: self._read_on(by, seen))

        self.world.scheduler.spawn(f"{by} reads", on(), failed=again)

    async def _read(self, reader: Reader, by: str, seen: dict[str, int]) -> None:
        id, sink = self.world.random.choice(IDS), self.world.random.choice(self._sinks())
        known = seen.get(id, 0)
        try:
            found = await reader.row(sink, Caller(by), id, version=known if self.says else 0)
        except (Behind, Missing, Building):
            return
        self.reads, self.back = self.reads + 1, self.back + (found.version < known)
        seen[id] = max(known, found.version)

    def _sinks(self) -> list[Sink]:
        """As the code of before and of now has them."""
        return [one.newest.sink for one in self.builds if one.newest.sink.name == "jars.Jar"]


class Careless(Read):
    """They don't say what they have seen."""

    says = False


async def hasty(into: Into, old: Generation, generations: Generations, *_: object) -> bool:
    """Promoted as it stands, wherever the rows are that are read."""
    return await generations.promote(into.generation, old, await into.clock.now())


def read(kind: type[Read]) -> tuple[int, int]:
    """How often anybody read in lives in which jars are rebuilt, and was shown less than before."""
    reads = back = 0
    for seed in range(LIVES):
        life = kind(seed, PLAN, Counter())
        if life.rebuild is not None and life.rebuild.old.name == "jars.Jar/2":
            life.begin()
            life.run()
            reads, back = reads + life.reads, back + life.back
    return reads, back


def test_nobody_who_says_what_they_saw_is_shown_less() -> None:
    reads, back = read(Read)
    assert back == 0
    assert reads > 2_000


def test_who_does_not_say_it_is_shown_less_by_a_rebuild_that_is_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rebuild, "promoted", hasty)
    for name in ("_check", "_check_waiting"):
        monkeypatch.setattr(rebuild.Rebuild, name, lambda *_: None)
    assert read(Careless)[1] > 0
