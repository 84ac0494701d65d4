"""`mainstem sim`: lives that go well, and the one command that shows one that does not."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cli import progress, sim_jobs
from cli.session import NotNow
from cli.sim_jobs import Job, at_work, done
from tests.cli.desk import DOMAINS, Said, ask, command, domains, surroundings

pytestmark = pytest.mark.slow

BELL = '''\
"""A bell: it is rung until it cracks."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, View, count


class Rung(Event):
    pass


class Bell(View):
    times = count(Rung)


class Ring(Command[Bell], starts=True, again=True):
    def decide(self, bell: Bell) -> Iterator[Event]:
        if bell.times > 1:
            raise ZeroDivisionError("it has a crack")
        yield Rung()
'''


def test_lives_that_go_well_are_counted_with_what_befell_them() -> None:
    said = ask("sim", "--seeds", "30", "--jobs", "1")
    assert said.code == 0
    assert said.out.startswith("30 lives of the standard story in ")
    assert "CALL " in said.out
    assert "journal.commit " in said.out
    assert said.out.endswith("\nwhatever must hold held in each of them\n")
    assert said.err == ""


def test_progress_is_a_line_of_json_where_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "TOLD_EVERY_S", -1.0)
    said = ask("sim", "--seeds", "30", "--jobs", "1", "--json")
    last = json.loads(said.err.splitlines()[-1])
    assert (last["lives"], last["of"]) == (30, 30)
    assert "\n30 lives, " in ask("sim", "--seeds", "30", "--jobs", "1").err


def bell(place: Path, old: str, new: str, imports: str = "") -> tuple[str, ...]:
    """Words that ask about a bell that is otherwise."""
    source = BELL.replace("import Command", f"import {imports}Command").replace(old, new)
    assert new in source
    return "sim", "--domain", "bell", "--domains", str(domains(place, bell=source))


def test_commands_that_never_happened_are_named(tmp_path: Path) -> None:
    never = bell(tmp_path, "        yield Rung()", "        raise Refused('never')", "Refused, ")
    said = ask(*never, "--seeds", "20", "--jobs", "1")
    assert said.code == 0
    assert said.out.endswith("\nof no use here, since it never happened: Ring\n")


def test_a_fold_that_fails_is_a_life_that_fails(tmp_path: Path) -> None:
    step = "def step(n: int, _: Rung) -> int:\n    return n + 1 + 0 // (n - 2)\n\n\n"
    view = "class Bell(View):\n    times = fold(0, {Rung: step})"
    words = bell(tmp_path, "class Bell(View):\n    times = count(Rung)", f"{step}{view}", "fold, ")
    said = ask(*words, "--jobs", "2")
    assert said.code == 1
    assert "ZeroDivisionError" in said.out
    assert "show it: mainstem sim --domain bell" in said.out
    assert "Traceback" not in said.err
    again = told(words)
    assert (again.code, "ZeroDivisionError" in again.out) == (1, True)


def told(words: tuple[str, ...]) -> Said:
    """The story of the first life that fails."""
    said = ask(*words, "--seeds", "200", "--jobs", "1")
    assert said.code == 1
    return ask(*words, "--seed", said.out.rpartition("--seed ")[2].split()[0], "--trace")


def test_a_domain_that_goes_another_way_each_time_is_no_bug_of_ours(tmp_path: Path) -> None:
    crack = "if next(STROKES) % 97 == 96:"
    strokes = "import itertools\n\nSTROKES = itertools.count()\n\n\nclass Rung"
    source = BELL.replace("if bell.times > 1:", crack).replace("\nclass Rung", strokes, 1)
    words = ("sim", "--domain", "bell", "--domains", str(domains(tmp_path, bell=source)))
    said = told(words)
    assert (said.code in (0, 1), "bug in Mainstem" in said.err) == (True, False)


def test_whoever_asks_a_command_that_fails_is_told_of_with_its_fields(tmp_path: Path) -> None:
    loud = "loud: bool = True\n\n    def decide"
    said = told(bell(tmp_path, "def decide", loud))
    assert "Ring(loud=" in said.out
    assert "fails → ZeroDivisionError('it has a crack')" in said.out


def test_what_goes_on_for_ever_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim_jobs, "LIFE_S_MAX", 1)
    loop = "while bell.times == 1:\n            pass\n        if False:"
    said = ask(*bell(tmp_path, "if bell.times > 1:", loop), "--seeds", "50", "--jobs", "1")
    assert said.code == 1
    assert "it goes on for more than 1 seconds (" in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--seed", "7", "--seeds", "5"), "--seed is one life, and --seeds for many"),
        (("--seed", "7", "--from", "5"), "--seed is one life, and --from for many"),
        (("--minutes", "nan"), "--minutes: a number, and not for ever"),
        (("--minutes", "inf"), "--minutes: a number, and not for ever"),
    ],
)
def test_what_makes_no_sense_together_is_said(words: tuple[str, ...], why: str) -> None:
    said = ask("sim", *words)
    assert said.code == 2
    assert why in said.err


def test_interrupted_it_tells_what_was_lived_and_where_to_go_on() -> None:
    asked = subprocess.Popen(
        command("sim", "--minutes", "5", "--jobs", "1"), env=surroundings(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    with asked:
        assert asked.stderr is not None
        assert "lives," in asked.stderr.readline()  # it says so every few seconds
        asked.send_signal(signal.SIGINT)
        out, err = asked.communicate()
    assert asked.returncode == 3
    assert "lives of the standard story" in out
    assert "interrupted; go on with --from " in err


@pytest.mark.parametrize("words", [("sim", "--domain", "tickets"), ("check", "tickets")])
def test_without_hypothesis_it_says_what_is_missing(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    said = ask(*words, "--domains", str(DOMAINS))
    assert (said.code, said.out) == (3, "")
    assert said.err.endswith("is not installed: pip install hypothesis\n")


def test_the_same_as_data_however_many_processes_live_them() -> None:
    alone, together = (
        ask("sim", "--seeds", "60", "--from", "7", "--jobs", jobs, "--json").data
        for jobs in ("1", "2")
    )
    assert (alone["lives"], alone["failure"]) == (60, None)
    assert alone["faults"]["feed.read"].keys() == {"before", "after", "unknown", "late"}
    for name in ("lives", "faults", "weaknesses", "failure"):
        assert alone[name] == together[name]


def test_as_many_as_there_is_time_for() -> None:
    assert ask("sim", "--minutes", "0.001", "--jobs", "1", "--json").data["lives"] > 0


def test_a_domain_of_ones_own() -> None:
    said = ask("sim", "--domain", "users", "--domains", DOMAINS, "--seeds", "5", "--jobs", "1")
    assert said.code == 0
    assert said.out.startswith("5 lives of users in ")


def test_a_life_is_told_the_same_each_time() -> None:
    first, second = (ask("sim", "--seed", "3", "--trace").out for _ in range(2))
    assert first == second
    story = ask("sim", "--seed", "3", "--trace", "--json").data["story"]
    assert any("faults have stopped" in line for line in story)
    assert first.endswith("\nseed 3: whatever must hold held\n")
    assert ask("sim", "--seed", "3").out == "seed 3: whatever must hold held\n"


def test_a_life_that_fails_is_told_by_the_command_that_was_named(tmp_path: Path) -> None:
    folder = domains(tmp_path, bell=BELL)
    said = ask("sim", "--domain", "bell", "--domains", folder, "--jobs", "1")
    assert said.code == 1
    assert " is broken: ZeroDivisionError: it has a crack (bell.py:" in said.out
    command = said.out.rpartition("show it: mainstem ")[2]
    told = ask(*shlex.split(command))
    assert told.code == 1
    assert "Ring(): journal.commit(bell/" in told.out
    assert "\nshrunk in " in told.out
    assert "it has a crack" in told.out.splitlines()[-1]
    assert "looking for the shortest way" in told.err


def test_a_failure_as_data(tmp_path: Path) -> None:
    folder = domains(tmp_path, bell=BELL)
    said = ask("sim", "--domain", "bell", "--domains", folder, "--jobs", "2", "--json")
    failure = said.data["failure"]
    assert said.code == 1
    assert "it has a crack" in failure["why"]
    one = ("sim", "--domain", "bell", "--domains", folder, "--seed", str(failure["seed"]))
    told = ask(*one, "--trace", "--json").data
    assert told["seed"] == told["failure"]["seed"] == failure["seed"]
    assert told["story"]
    assert ask(*one).out.splitlines()[-1] == f"show it: {failure['show']}"


def test_what_was_typed_wrong_is_said() -> None:
    assert "name it with --seed" in ask("sim", "--trace").err
    said = ask("sim", "--domain", "tikets", "--domains", DOMAINS)
    assert said.code == 2
    assert "no domain is called 'tikets'; did you mean tickets?" in said.err


def test_a_process_that_was_killed_is_said_so() -> None:
    with (
        pytest.raises(NotNow, match="one of the processes was killed"),
        at_work(Job(str(DOMAINS), None), 1) as crew,
    ):
        (process,) = crew.processes.values()
        process.kill()
        process.join()
        crew.give((0, 1))
        list(done(crew))
