"""A short soak: a few kills under load, and nothing is lost; and the same without one defence."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.soak.checker import figures, findings
from tests.soak.ledger import Ledger, lines
from tests.soak.soak import Plan, Soak
from tests.soak.wishes import facts, wish

ROOT = Path(__file__).parents[2]
KILLS, CONTROL_KILLS = 12, 5
SEED = 20_260_101
HUNDRED = range(100)


@pytest.mark.slow
def test_nothing_is_lost_whenever_it_is_killed(tmp_path: Path) -> None:
    plan = Plan(tmp_path, KILLS, SEED)
    story = Soak(plan, lambda _: None).run()
    assert story.amiss == []
    assert [str(one) for one in findings(plan.folder, plan.ledgers)] == []
    assert sum(story.kills.values()) == KILLS
    counted = figures(plan.folder, plan.ledgers)
    assert counted["commands that happened"] > 0
    assert counted["facts acknowledged"] > 0


@pytest.mark.slow
def test_the_checker_finds_what_is_lost_when_marks_come_before_the_put(tmp_path: Path) -> None:
    place = tmp_path / "place"
    words = ["--kills", str(CONTROL_KILLS), "--seed", str(SEED), "--folder", str(place)]
    run = [sys.executable, "-m", "tests.soak.run", *words, "--control"]
    ended = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, "FOUND fed: " in ended.stdout) == (1, True), ended.stderr
    rules = Counter(one.rule for one in findings(place / "data", place / "ledgers"))
    assert rules["dense"] == rules["acknowledged"] == 0  # the journal itself has lost nothing


def test_the_same_seed_wishes_the_same_and_another_does_not() -> None:
    def wishes(seed: int) -> list[object]:
        return [*(wish(seed, "a0", n) for n in HUNDRED), *(facts(seed, "f0", n) for n in HUNDRED)]

    assert wishes(1) == wishes(1)
    assert wishes(1) != wishes(2)


def test_a_line_of_a_ledger_that_was_cut_is_none(tmp_path: Path) -> None:
    file = tmp_path / "a0.jsonl"
    file.write_text('{"asked": 1}\n{"told": 1, "ver')
    ledger = Ledger(file)
    ledger.write(asked=2)
    ledger.close()
    assert list(lines(file)) == [{"asked": 1}, {"asked": 2}]
