"""Completion: scripts that shells accept, and words that fit."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.desk import SHOP, ask, ask_outside, domains
from tests.cli.guests import GUESTS

SHELLS = ["bash", "zsh", "fish"]


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script_that_calls_us(shell: str) -> None:
    said = ask("completion", shell)
    assert (said.code, said.err) == (0, "")
    assert f"_MAINSTEM_COMPLETE={shell}_complete" in said.out
    data = ask("completion", shell, "--json").data
    assert data["shell"] == shell
    assert data["script"].rstrip("\n") == said.out.rstrip("\n")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_that_is_here_can_read_its_script(shell: str, tmp_path: Path) -> None:
    here = shutil.which(shell)
    if here is None:
        pytest.skip(f"{shell} is not here")
    script = tmp_path / "script"
    script.write_text(ask("completion", shell).out, "utf-8")
    subprocess.run([here, "-n", script], check=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mainstem ch", ["check"]),
        ("mainstem schema ", ["accept", "diff", "show"]),
        ("mainstem completion z", ["zsh"]),
        ("mainstem check --ex", ["--examples"]),
        ("mainstem check --dom", ["--domains"]),
        ("mainstem --domains FOLDER check s", ["shop", "sweets"]),
        ("mainstem --domains FOLDER schema diff t", ["tea"]),
        ("mainstem check s", []),
        ("mainstem --domains FOLDER ask g", ["guests"]),
        ("mainstem --domains FOLDER ask guests/1 ", ["come", "muse"]),
        ("mainstem --domains FOLDER show ", ["guest", "sale"]),
        ("mainstem --domains FOLDER parked list g", ["guest"]),
    ],
)
def test_words_that_fit(line: str, expected: list[str], tmp_path: Path) -> None:
    broken = "this is no Python"  # names come from files, so a broken one is completed as well
    folder = domains(tmp_path, shop=SHOP, sweets=SHOP, tea=broken, guests=GUESTS, _hidden=SHOP)
    words = line.replace("FOLDER", str(folder))
    position = len(words.split()) - (not words.endswith(" "))
    asked = {
        "_MAINSTEM_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    said = ask_outside(cwd=tmp_path, env=asked)
    assert said.out.split() == [f"plain,{word}" for word in expected]
    assert (said.code, said.err) == (0, "")
