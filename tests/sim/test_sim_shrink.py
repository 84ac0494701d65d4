"""A life that fails is told in as few steps as can be found, and still fails in the same way."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

import pytest

from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.ports import Record
from mainstem.sim.faults import KINDS
from mainstem.sim.life import Life
from mainstem.sim.lived import lines_of, lived
from mainstem.sim.only import Only
from mainstem.sim.plan import Rest
from mainstem.sim.shrink import shrunk
from mainstem.sim.standard import Standard
from mainstem.sim.telling import Line, asked, in_words, story
from mainstem.sim.world import Broken, Tally
from tests.sim.mutants import MUTANTS
from tests.sim.shortest import shortest

PLAN = Standard()
LIVES_MAX = 400


class Touchy(Standard):
    """Nobody may break anything."""

    def check(self, rest: Rest) -> None:
        for record in rest.commits:
            if any(b'"Broken"' in line for line in record.events):
                raise Broken(f"{record.aggregate} is broken")


@cache
def failing() -> int:
    return next(seed for seed in range(LIVES_MAX) if lived(Touchy(), seed, Tally()))


def test_what_does_not_matter_is_left_out() -> None:
    seed = failing()
    found = shrunk(Touchy(), seed, runs_max=300)
    assert found is not None
    before = lived(Touchy(), seed, Tally())
    assert before is not None
    assert (found.failure.where, found.failure.seed) == (before.where, seed)
    assert len(found.only.wishes or ()) <= 2  # somebody opens it, unless that was before
    assert not found.only.hosts
    assert (found.only.faults, found.only.rebuild, found.only.reshards) == (False,) * 3
    assert found.failure.steps < before.steps
    assert "Break(): is answered" in "\n".join(story(found.failure.trace))


def test_it_is_shrunk_to_the_same_however_often() -> None:
    seed = failing()
    assert shrunk(Touchy(), seed, 40) == shrunk(Touchy(), seed, 40)


def test_it_takes_so_many_runs_and_no_more() -> None:
    found = shrunk(Touchy(), failing(), runs_max=25)
    assert found is not None
    assert found.runs == 25


class Fickle(Standard):
    """It is checked in another way each time."""

    def __init__(self) -> None:
        self.checks = 0

    def check(self, rest: Rest) -> None:
        self.checks += 1
        if self.checks == 1:
            raise Broken("this time")


def test_a_life_that_goes_another_way_when_it_is_lived_again_is_not_shrunk() -> None:
    found = shrunk(Fickle(), 3)
    assert found is not None
    assert (found.fickle, found.runs, found.failure.why) == (True, 1, "this time")


def test_what_goes_well_is_not_shrunk() -> None:
    assert shrunk(PLAN, 3) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", [
    "what failed is done with", "a bundle sent twice is new", "nobody is behind",
    "marked before it is put",
])  # fmt: skip
def test_a_change_of_the_protocol_is_told_in_few_lines(name: str) -> None:
    (mutant,) = [one for one in MUTANTS if one.name == name]
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found = pool.submit(shortest, mutant).result()
    assert found.lines <= 60
    assert found.steps < found.before
    assert found.faults <= 3


def test_a_fault_may_be_left_out_and_is_not_counted() -> None:
    seed = next(one for one in range(LIVES_MAX) if faults(one, Only(outages=False)))
    every = faults(seed, Only(outages=False))
    assert faults(seed, Only(outages=False, faults=False)) == 0
    assert faults(seed, Only(outages=False, never=frozenset(range(1, 10_000)))) == 0
    assert every


def faults(seed: int, only: Only) -> int:
    tally = Tally()
    assert lived(PLAN, seed, tally, only) is None
    return sum(many for (_, kind), many in tally.items() if kind in KINDS)


def test_only_some_wishes_and_hosts_and_no_rebuild() -> None:
    life = Life(5, PLAN, Tally(), only=Only(frozenset((0,)), frozenset(), rebuild=False))
    assert [wish.number for wish in life.wishes] == [0]
    assert not life.hosts
    assert life.rebuild is None
    life.run()


def test_a_story_leaves_out_whoever_changes_nothing() -> None:
    def line(task: int, matters: bool) -> Line:
        return Line(1, 2_500_000, "eve", "feed.read(a)", "nothing", task, matters)

    lines = [line(1, False), line(2, False), line(2, True), line(1, False)]
    told = "    1      2.5s  eve: feed.read(a) → nothing"
    left_out = "                 … 1 call that changed nothing"
    assert list(story(lines)) == [left_out, told, told, left_out]


def test_calls_are_told_in_words() -> None:
    jar = Aggregate("main", "jars", "jar0")
    record = Record(jar, 3, (b'{"type":"Filled"}', b'{"type":"Left"}'), "", 0, b"")
    assert in_words(record) == "jars/jar0 versions 3 to 4 (Filled, Left)"
    assert in_words(Refused("it is broken")) == "refused: it is broken"
    assert in_words((True, None, b"?", [])) == "yes, nothing, 1 bytes, nothing"
    assert in_words(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
    assert asked((jar, 1_800_000_000_000_000, "0" * 32, {"Jar": "b"})) == "jars/jar0"


def test_a_life_that_goes_well_is_told_from_its_beginning() -> None:
    lines = lines_of(PLAN, 3)
    assert lines == lines_of(PLAN, 3)
    assert lines[0].step <= lines[1].step < lines[-1].step
