"""Any domain can be lived, and what does not hold of it is noticed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstem.discovery import Domain, discover, domain_of
from mainstem.ports import Document
from mainstem.protocol.drive import drive
from mainstem.sim import survives
from mainstem.sim.behind import Memory
from mainstem.sim.checks import at_rest
from mainstem.sim.life import Life
from mainstem.sim.own import Own
from mainstem.sim.own_checks import check_claims
from mainstem.sim.world import Broken, Tally
from tests.docs import running
from tests.mainstem.written import bakery

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DOMAINS = discover(ROOT / "domains")
HEAD = "from collections.abc import Iterator\n\nfrom mainstem import *\n\n"
BELL = """
class Rung(Event):
    by_whom: str


class Bell(View):
    times = count(Rung)


class Ring(Command[Bell], starts=True, again=True):
    def decide(self, bell):
        if bell.times > 1:
            raise ZeroDivisionError("it has a crack")
        yield Rung(by_whom=self.by)
"""
TRACED = """
import sys
from hashlib import sha256
from mainstem.discovery import discover
from mainstem.sim.life import Life
from mainstem.sim.own import Own
from mainstem.sim.world import Tally
if len(sys.argv) > 1:
    import tests.sim.served  # whatever else is loaded, a seed is the same life
for name in ("tickets", "clicks", "otp"):
    plan = Own(discover("domains")[name])
    for seed in (7, 3):
        life = Life(seed, plan, Tally())
        life.world.scheduler.lines = []
        life.run()
        told = "\\n".join(map(str, life.world.scheduler.lines))
        print(seed, sha256(told.encode()).hexdigest())
"""


def lives(domain: Domain, seeds: int = 40) -> Iterator[Life]:
    """Lives that went well."""
    plan = Own(domain)
    for seed in range(seeds):
        life = Life(seed, plan, Tally())
        life.run()
        yield life


@pytest.mark.parametrize("name", DOMAINS)
def test_the_applications_survive(name: str) -> None:
    survives(DOMAINS[name], lives=5)


@pytest.mark.parametrize("name", DOMAINS)
def test_the_applications_survive_for_long(name: str) -> None:
    survives(DOMAINS[name], lives=1_000)


def test_much_is_decided_in_lives_of_a_domain() -> None:
    found = list(lives(DOMAINS["tickets"], 15))
    assert sum(len(life.commits) for life in found) > 30


def test_codes_that_people_were_sent_prove_something() -> None:
    types = [line for life in lives(DOMAINS["otp"]) for r in life.commits for line in r.events]
    assert any(b'"Proved"' in line for line in types)


def test_facts_of_an_ingested_domain_arrive() -> None:
    life = next(lives(DOMAINS["clicks"]))
    assert life.hosts
    assert not life.wishes
    assert at_rest(life).facts


def test_a_seed_is_one_life_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", TRACED, *more], cwd=ROOT, env={"PYTHONHASHSEED": hashes},
            check=True, capture_output=True,
        ).stdout
        for hashes, more in (("1", []), ("2", ["more"]))
    }  # fmt: skip
    assert len(said) == 1


def test_a_domain_that_fails_tells_the_seed_and_the_command() -> None:
    with bakery(BELL, world=HEAD) as module, pytest.raises(AssertionError) as raised:
        survives(module)
    said = str(raised.value)
    assert "ZeroDivisionError: it has a crack" in said
    name = domain_of(module).name
    assert f"  mainstem sim --domain {name} --seed " in said
    assert said.endswith(" --trace")


def test_the_page_about_it_runs() -> None:
    for test in running.tests("docs/how-we-know.md"):
        test()


def test_to_import_the_simulator_is_to_import_little() -> None:
    code = "import sys, mainstem.sim; print({'hypothesis', 'mainstem.protocol'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"set()\n"


def memory(life: Life) -> Memory:
    assert isinstance(life.world.stores, Memory)
    return life.world.stores


def test_a_row_that_is_in_no_list_is_noticed() -> None:
    life = next(one for one in lives(DOMAINS["tickets"]) if memory(one).views.lists)
    views = memory(life).views
    views.lists.pop(next(iter(views.lists)))
    with pytest.raises(Broken, match="are missing"):
        life.world.plan.check(at_rest(life))


def test_words_that_no_row_has_are_noticed() -> None:
    life = next(one for one in lives(DOMAINS["tickets"]) if one.commits)
    (into,) = [one.newest for one in life.builds if one.newest.sink.name == "tickets.Ticket"][:1]
    other = Document("main", "nobody", "", 9, {"words": "of nobody"})
    drive(memory(life).search.put(into.generation, [other]))
    with pytest.raises(Broken, match="search of"):
        life.world.plan.check(at_rest(life))


def test_an_effect_that_nobody_asked_for_is_noticed() -> None:
    life = next(one for one in lives(DOMAINS["otp"]) if memory(one).views.waiting)
    memory(life).views.waiting.popitem()
    with pytest.raises(Broken, match="are missing"):
        life.world.plan.check(at_rest(life))


def test_a_value_that_two_hold_is_noticed() -> None:
    domain = DOMAINS["channels"]
    life = next(one for one in lives(domain) if one.commits)
    first = next(one for one in life.commits if one.first == 1)
    thief = first._replace(aggregate=first.aggregate._replace(id="thief"))
    check_claims(domain, life.commits)
    with pytest.raises(Broken, match="and channels/thief's"):
        check_claims(domain, [first, thief])
