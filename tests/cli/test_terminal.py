"""On a terminal there are tables and bars, as wide as it is; everywhere else plain lines."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.text import Text

from tests.cli.desk import Here, Said, command, domains, surroundings
from tests.cli.guests import CHANGED, GUESTS

pytestmark = pytest.mark.slow

BOLD = "\x1b[1m"
Watcher = Callable[[subprocess.Popen[bytes], str], None]


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    for name in ("Ann", "[bold]Bob[/bold]"):
        here.after("ask", f"guests/{name[0]}", "come", f"name={name}")
    return here


def on_terminal(
    here: Here, *words: str, columns: int = 80, watch: Watcher = lambda _, __: None
) -> Said:
    """What somebody sees who asks at a terminal; `watch` sees it grow."""
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        command(*words, "--folder", here.folder, "--domains", here.domains),
        env=surroundings({"TERM": "xterm", "COLUMNS": str(columns)}), stdout=theirs, stderr=theirs,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    seen = ""
    with asked, os.fdopen(ours, "rb", buffering=0) as screen:
        while some := _read(screen.fileno()):
            seen += some
            watch(asked, seen)
    return Said(asked.returncode, seen.replace("\r\n", "\n"), "")


def _read(screen: int) -> str:
    try:
        return os.read(screen, 4096).decode("utf-8", "replace")
    except OSError:  # nobody writes there any more
        return ""


def test_a_table_has_headings_of_its_own_and_no_markup_of_others(guests: Here) -> None:
    said = on_terminal(guests, "list", "guest")
    assert said.code == 0
    assert BOLD in said.out
    assert "[bold]Bob[/bold]" in said.out
    assert BOLD not in guests("list", "guest").out


def test_columns_that_do_not_fit_are_left_out_and_named(guests: Here) -> None:
    said = on_terminal(guests, "list", "guest", columns=40)
    *rows, left_out = said.out.splitlines()
    assert left_out == "left out: changed_at; --json has them"
    assert all(len(Text.from_ansi(line)) <= 40 for line in rows)
    assert "left out" not in on_terminal(guests, "list", "guest", columns=120).out


def test_a_table_of_status_is_as_wide_as_the_terminal(guests: Here) -> None:
    said = on_terminal(guests, "status")
    assert (said.code, BOLD in said.out) == (0, True)
    assert "guests.Guest" in said.out


def test_a_bar_says_how_far_a_view_has_come(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=CHANGED))
    said = on_terminal(later, "show", "guest/A")
    assert "guests.Guest changed: folding it anew" in said.out
    assert "2/2" in said.out
    assert "visits" in said.out


def test_a_quiet_command_shows_no_bar(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=CHANGED))
    assert "folding" not in on_terminal(later, "show", "guest/A", "--quiet").out


def test_watching_stays_on_one_screen_until_ctrl_c(guests: Here) -> None:
    pressed: list[str] = []

    def leave(asked: subprocess.Popen[bytes], seen: str) -> None:
        if "effects waiting 0" in seen and not pressed:
            pressed.append("Ctrl-C")
            asked.send_signal(signal.SIGINT)

    said = on_terminal(guests, "status", "--watch", watch=leave)
    assert said.code == 0
    assert "Traceback" not in said.out
