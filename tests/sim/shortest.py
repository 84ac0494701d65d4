"""The shortest story of a changed protocol, in a process in which nothing was imported yet."""

from __future__ import annotations

import sys
from typing import NamedTuple

from tests.sim import mutation
from tests.sim.mutation import Mutant

LIVES_MAX = 400


class Shortest(NamedTuple):
    """How much of a life is left."""

    before: int  # steps until it failed
    steps: int
    lines: int  # of its story
    faults: int
    why: str


def shortest(mutant: Mutant) -> Shortest:
    """Of the first life that notices."""
    assert "mainstem.protocol.commit" not in sys.modules, "too late to change anything"
    sys.meta_path.insert(0, mutation._Mutated(mutant.module, mutant.file, mutant.source()))
    from mainstem.sim.lived import lived
    from mainstem.sim.shrink import shrunk
    from mainstem.sim.standard import Standard
    from mainstem.sim.telling import story
    from mainstem.sim.world import Tally

    plan = Standard()
    first = next(filter(None, (lived(plan, seed, Tally()) for seed in range(LIVES_MAX))))
    found = shrunk(plan, first.seed)
    assert found is not None
    failure, never = found.failure, found.only.never
    happened = [one for one in range(1, failure.faults + 1) if one not in never]
    lines = len(list(story(failure.trace)))
    return Shortest(first.steps, failure.steps, lines, len(happened), failure.why)
