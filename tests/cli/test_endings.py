"""Whatever is wrong with a folder is one line and an exit code, with every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.desk import Here, Said, domains
from tests.cli.guests import GUESTS

READERS = (
    ("ask", "guests/1", "come", "name=Ann"),
    ("show", "guest/1"),
    ("list", "guest"),
    ("history", "guests/1"),
    ("tail",),
    ("status",),
    ("parked", "list"),
    ("parked", "retry"),
    ("quarantine", "list"),
    ("token", "--as", "ann"),
)


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    return here


def one_line(said: Said) -> str:
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("mainstem: ")
    assert "a bug in Mainstem" not in line
    return line


@pytest.mark.parametrize("words", READERS, ids=" ".join)
def test_a_folder_of_another_format_is_left_alone(words: tuple[str, ...], guests: Here) -> None:
    (guests.folder / "mainstem.json").write_text(json.dumps({"format": 99}), "utf-8")
    said = guests(*words)
    assert said.code == 1
    assert "is of format 99; this Mainstem reads format 1" in one_line(said)


@pytest.mark.parametrize("words", READERS[:4], ids=" ".join)
def test_a_damaged_journal_is_named_and_nothing_is_guessed(
    words: tuple[str, ...], guests: Here
) -> None:
    journal = guests.folder / "journal.db"
    journal.write_bytes(b"not a database, " * 1_024)
    for beside in ("-wal", "-shm"):
        journal.with_name(f"journal.db{beside}").unlink(missing_ok=True)
    said = guests(*words)
    assert said.code == 1
    assert "journal.db: is damaged" in one_line(said)
    assert "journal.db: is damaged" in guests(*words, "--json").data["error"]


@pytest.mark.parametrize("words", [READERS[1], READERS[5], READERS[6]], ids=" ".join)
def test_a_file_that_is_missing_is_named(words: tuple[str, ...], guests: Here) -> None:
    (guests.folder / "views.db").unlink()
    said = guests(*words)
    assert said.code == 3
    assert "views.db: can't be opened" in one_line(said)


def test_what_code_can_not_read_any_more_is_told(guests: Here) -> None:
    later = GUESTS.replace("class Came", "class Arrived").replace("Came", "Arrived")
    said = Here(guests.folder, domains(guests.folder.parent, guests=later))(
        "ask", "guests/1", "muse", "thought=Hm"
    )
    assert said.code == 1
    assert said.err.splitlines()[-1].endswith("Came: guests: no event is called Came")
