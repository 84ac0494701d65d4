"""Lives of the standard story: whatever befalls them, what must hold holds."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import pytest

from mainstem.sim.faults import Fault
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
from mainstem.sim.world import Tally

ROOT = Path(__file__).parents[2]
PLAN = Standard()
LIVES = 20_000
CHUNK = 1_000
CORES = 2
CALLS = """
feed.put feed.read generations.note generations.noted generations.of generations.promote
generations.start generations.turn journal.claim journal.commit journal.hints journal.keep
journal.kept journal.load journal.mark journal.records journal.touched journal.unpublished log.done
log.keep log.left parks.park parks.parked parks.quarantine parks.tried parks.unpark parks.waiting
parks.waits rows.changes rows.forget rows.lane rows.move rows.read rows.write search.put
""".split()
BESIDES = """
asked twice at once,batch again,batch given up,batch thrown away,dies after it,dies before it,
done twice,feed forgets,goes on unasked,hint missed,hint stale,host begins anew,lands late,
let go,marked in part,no bundle,old code at work,pointer turned,port is away,put overtakes,
put refused,put refused but there,put twice,read short,rows of old,shard parts,shards join,
touched late
""".replace("\n", "").split(",")
SELDOM = "generations.drop", "rows.all"  # at the end of some rebuilds
EACH_MIN = 100  # in a run of CI


def lived(first: int, lives: int) -> Tally:
    """What was hit; a life that breaks says which seed it had."""
    tally: Tally = Counter()
    for seed in range(first, first + lives):
        life = Life(seed, PLAN, tally)
        try:
            life.run()
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    return tally


def test_a_few_hundred_lives_go_well() -> None:
    tally = lived(0, 300)
    assert sum(tally.values()) > 300


@pytest.mark.slow
def test_thousands_of_lives_go_well_and_meet_every_fault() -> None:
    firsts = range(0, LIVES, CHUNK)
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        tallies = list(pool.map(lived, firsts, repeat(CHUNK)))
    tally: Tally = sum(tallies, Counter())
    wanted: list[tuple[str, str]] = [(call, kind) for call in CALLS for kind in Fault]
    wanted += [(what, "shown") for what in BESIDES]
    seldom = {pair: tally[pair] for pair in wanted if tally[pair] < EACH_MIN}
    assert not seldom, f"hit less than {EACH_MIN} times: {seldom}"
    met = {name for name, kind in tally if kind in {*Fault, "shown"}}
    assert met == {*CALLS, *SELDOM, *BESIDES}


def told(seed: int) -> list[str]:
    """The story of one life, line by line."""
    life = Life(seed, PLAN, Counter())
    life.world.scheduler.lines = []
    life.run()
    return list(map(str, life.world.scheduler.lines))


@pytest.mark.parametrize("seed", [3, 47, 112])
def test_one_seed_is_one_story(seed: int) -> None:
    assert told(seed) == told(seed)


STORY = """
from collections import Counter
from mainstem.sim.life import Life
from mainstem.sim.standard import Standard
for seed in range(20):
    life = Life(seed, Standard(), Counter())
    life.world.scheduler.lines = []
    life.run()
    for line in life.world.scheduler.lines:
        print(line)
"""


@pytest.mark.slow
def test_one_seed_is_one_story_in_every_process() -> None:
    stories = {
        subprocess.run(
            [sys.executable, "-c", STORY], cwd=ROOT, env={"PYTHONHASHSEED": hashing},
            check=True, stdout=subprocess.PIPE,
        ).stdout
        for hashing in ("0", "1", "4711")
    }  # fmt: skip
    assert len(stories) == 1


def test_faults_are_counted_by_call_and_kind() -> None:
    tally = lived(0, 100)
    kinds = {kind for name, kind in tally if name == "feed.read"}
    assert kinds == set(Fault)
