"""Every way out of the command is an exit code and a message, never a traceback."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cli.main
from tests.cli.desk import ROOT, SHOP, Said, ask, ask_outside, command, domains, surroundings


def test_the_version_is_the_project_s() -> None:
    said = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert ask("--version").out == f"mainstem {said}\n"
    assert ask("--json", "--version").data == ask("--version", "--json").data == {"version": said}


@pytest.mark.parametrize("args", [["--help"], ["-h"], ["check", "--help"], ["schema", "-h"]])
def test_help_is_a_result(args: list[str]) -> None:
    said = ask(*args)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Usage: mainstem")
    assert "Global options:" in said.out


@pytest.mark.parametrize(
    ("args", "hint"),
    [
        (["chekc"], "'check'"),
        (["schema", "dif"], "'diff'"),
        (["check", "--exmples", "3"], "'--examples'"),
        (["--domain", "x", "check"], "'--domains'"),
        (["check", "--examples", "none"], "'none' is not a valid integer"),
        (["check", "--examples", "0"], "0 is not in the range"),
        (["new"], "Missing argument 'NAME'"),
        (["completion", "tcsh"], "'bash', 'zsh', 'fish'"),
        (["check", "a", "b"], "unexpected extra argument"),
        ([], "Usage: mainstem"),
        (["schema"], "Usage: mainstem schema"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_a_hint(args: list[str], hint: str) -> None:
    said = ask(*args)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err


def test_global_options_stand_before_or_after_the_command(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    before = ask("--json", "--domains", folder, "schema", "show", "shop")
    between = ask("schema", "--domains", folder, "show", "--json", "shop")
    after = ask("schema", "show", "shop", "--json", "--domains", folder)
    assert before == between == after
    assert before.data["domains"][0]["domain"] == "shop"


def test_every_flaw_of_every_file_is_named_with_its_line(tmp_path: Path) -> None:
    twice = SHOP.replace("count(Sold)", "last(Sold)")
    folder = domains(tmp_path, shop=twice, Rooms="", tickets="class Ticket(:\n")
    said = ask("--domains", folder, "check")
    assert (said.code, said.out) == (1, "")
    assert "3 flaws" in said.err
    assert "Rooms.py:1: Rooms: a domain's name is snake_case" in said.err
    assert "tickets.py:1: invalid syntax" in said.err
    assert "shop.py:13: Sale.sales: last(Sold): say which of its fields" in said.err


def test_flaws_are_data_too(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP.replace("class Sale", "class Sold"))
    said = ask("--domains", folder, "check", "--json")
    assert said.code == 1
    assert {"file": str(folder / "shop.py"), "line": 11} in [
        {"file": one["file"], "line": one["line"]} for one in said.data["flaws"]
    ]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    said = ask("check", "--domains", tmp_path / "nowhere")
    assert said.code == 1
    assert "there is no such folder; --domains names it" in said.err


def test_what_a_domain_prints_is_no_result(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=f"{SHOP}\nprint('hello')\n")
    said = ask("schema", "show", "--json", "--domains", folder)
    assert (said.code, said.err) == (0, "hello\n")
    assert said.data["domains"][0]["domain"] == "shop"


def test_a_domain_that_ends_the_process_ends_with_a_message(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=f"{SHOP}\nraise SystemExit(0)\n")
    said = ask("check", "--domains", folder)
    assert said.code == 1
    assert "ends the process when it is imported" in said.err


def test_a_bug_is_one_line_that_asks_to_be_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ZeroDivisionError("by\nnought")

    monkeypatch.setattr(cli.main, "version", broken)
    said = ask("--version")
    assert (said.code, said.out) == (1, "")
    (line,) = said.err.splitlines()
    assert line.startswith("mainstem: a bug in Mainstem, please report it: ZeroDivisionError: by n")
    assert ask("--json", "--version").data == {"error": line.removeprefix("mainstem: ")}
    monkeypatch.setenv("MAINSTEM_DEBUG", "1")
    assert "Traceback" in ask("--version").err


def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    (folder / "schemas" / "shop.json").mkdir(parents=True)
    said = ask("schema", "diff", "--domains", folder)
    assert said.code == 1
    assert said.err == f"mainstem: Is a directory: {folder}/schemas/shop.json\n"
    said = ask("schema", "diff", "--json", "--domains", folder)
    assert said.data == {"error": f"Is a directory: {folder}/schemas/shop.json"}


WORDS = [
    *("check", "new", "schema", "show", "diff", "accept", "completion", "bash", "shop", "--"),
    *("--json", "--quiet", "--yes", "--domains", "--examples", "1", "--version", "--help", "-h"),
    *("ask", "list", "history", "tail", "status", "parked", "retry", "discard", "quarantine"),
    *("doctor", "config", "token", "tickets/7f2", "title=a", "--as", "--role", "--key", "--folder"),
]


@settings(max_examples=200)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=6))
def test_no_command_line_ends_in_a_traceback(args: list[str]) -> None:
    said = ask("--domains", "/nowhere/at/all", "--folder", "/nowhere/at/all", *args)
    assert said.code in (0, 1, 2)
    assert "Traceback" not in said.err
    assert "a bug in Mainstem" not in said.err


@pytest.mark.parametrize("asks", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_is_exit_code_3_and_one_line(asks: signal.Signals, tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    asked = subprocess.Popen(
        command("check", "--examples", "100000", "--domains", folder),
        env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        cwd=tmp_path,
    )  # fmt: skip
    assert asked.stderr is not None
    assert asked.stderr.readline() == "checking shop\n"
    asked.send_signal(asks)
    out, err = asked.communicate()
    assert (asked.returncode, out) == (3, "")
    assert err.strip() == "mainstem: interrupted; run it again"


ENGINES = {
    "makes an error of its own": """
    try:
        signal.raise_signal(ASKS)
    except KeyboardInterrupt:
        raise RuntimeError("Query interrupted") from None
    """,
    "drops it": """
    with shown(session, Work(total=1)) as show:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(ASKS)
        show()
    """,
}


@pytest.mark.parametrize("asks", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("does", ENGINES)
def test_an_interrupt_that_an_engine_does_not_pass_on_is_heard(
    does: str, asks: str, tmp_path: Path
) -> None:
    text = f"""
import signal
from contextlib import suppress
from cli.main import main, mainstem
from cli.progress import shown
from cli.rebuild_snapshots import Work
from cli.session import asks

@mainstem.command()
@asks
def work(session):
{ENGINES[does].replace("ASKS", f"signal.{asks}")}
main(["work"])
"""
    done = subprocess.run(
        [sys.executable, "-c", text], env=surroundings(), cwd=tmp_path, check=False,
        capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.strip() == "mainstem: interrupted; run it again"


def test_an_interrupt_is_one_line_while_the_command_is_being_loaded(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import signal\n\nsignal.raise_signal(signal.SIGINT)\n")
    said = ask_outside("--version", cwd=tmp_path, env={"PYTHONPATH": f"{tmp_path}:{ROOT}"})
    assert said == Said(3, "", "mainstem: interrupted; run it again\n")


def test_a_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    asked = subprocess.Popen(
        command("schema", "show", "--json", "--domains", folder),
        env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert asked.stdout is not None
    asked.stdout.close()
    assert asked.stderr is not None
    assert asked.stderr.read() == ""
    asked.stderr.close()
    asked.wait()


def test_a_terminal_that_knows_few_characters_is_served(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    old = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    said = ask_outside("check", "--examples", "1", "--domains", folder, cwd=tmp_path, env=old)
    assert said.code == 0
    assert "? laws" in said.out


def test_help_starts_quickly_for_it_imports_little() -> None:
    heavy = "{'duckdb', 'hypothesis', 'mainstem', 'pyarrow', 'pydantic', 'rich', 'sqlglot'}"
    script = f"import cli.main, sys; print(sorted({heavy} & sys.modules.keys()))"
    found = subprocess.check_output([sys.executable, "-c", script], env=surroundings())
    assert found == b"[]\n"


def test_a_closed_channel_is_no_bug(tmp_path: Path) -> None:
    words = shlex.join(command("config"))
    done = subprocess.run(
        ["sh", "-c", f"{words} >&-"],
        cwd=tmp_path, env=surroundings(), capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
