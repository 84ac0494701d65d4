"""`mainstem doctor`: what works here, and what mends what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.locks import UP, held
from tests.cli.desk import Here, Said, domains, opened
from tests.cli.guests import CHANGED, GUESTS

A_DAY_US = 24 * 3_600 * 1_000_000


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    return here


def check(said: Said, name: str) -> Any:
    """What was found out about one thing."""
    return next(one for one in said.data["checks"] if one["name"] == name)


def test_where_all_is_well_it_says_so(guests: Here) -> None:
    said = guests("doctor")
    assert (said.code, said.err) == (0, "")
    assert "✓ journal.db  whole\n" in said.out
    assert "✓ folds       every view is folded by the code at hand\n" in said.out
    assert "✗" not in said.out
    assert guests("doctor", "--json").data["well"] is True


def test_a_folder_that_was_not_begun_is_no_illness(nowhere: Here) -> None:
    said = nowhere("doctor")
    assert said.code == 0
    assert "data is not made yet; mainstem ask or mainstem up makes it" in said.out
    assert not nowhere.folder.exists()


def test_a_folder_of_other_things_is_named(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    said = Here(tmp_path)("doctor")
    assert said.code == 1
    assert "holds other things; name another with --folder" in said.out


def test_domains_that_do_not_load_are_named_with_the_command(guests: Here, tmp_path: Path) -> None:
    said = Here(guests.folder, domains(tmp_path, guests="class"))("doctor")
    assert said.code == 1
    assert "✗ domains     1 flaw in " in said.out
    assert "; mainstem check --domains " in said.out


def test_a_damaged_file_is_found(guests: Here) -> None:
    file = guests.folder / "views.db"
    whole = file.read_bytes()
    for page in range(1, len(whole) // 8192):
        whole = whole[: page * 8192] + b"\xff" * 512 + whole[page * 8192 + 512 :]
    file.write_bytes(whole)
    (guests.folder / "views.db-wal").unlink(missing_ok=True)
    said = guests("doctor", "--json")
    assert said.code == 1
    assert check(said, "views.db")["ok"] is False
    assert check(said, "journal.db")["ok"] is True


def test_a_file_that_is_gone_is_found(guests: Here) -> None:
    (guests.folder / "search.db").unlink()
    said = guests("doctor", "--json")
    assert said.code == 1
    assert "search.db: can't be opened" in check(said, "search.db")["said"]


def test_where_something_can_not_be_written_no_other_illness_is_guessed(guests: Here) -> None:
    (guests.folder / "aside.db").symlink_to("nowhere")
    said = guests("doctor", "--json")
    assert said.code == 1
    assert "aside.db is not yours to write" in check(said, "writable")["said"]
    assert [one["name"] for one in said.data["checks"][-2:]] == ["writable", "disk"]


def test_a_format_of_another_time_is_told(guests: Here) -> None:
    (guests.folder / "mainstem.json").write_text(json.dumps({"format": 99}), "utf-8")
    said = guests("doctor", "--json")
    assert said.code == 1
    assert "is of format 99" in check(said, "folder")["said"]


def test_a_view_that_changed_is_good_to_know(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=CHANGED))
    said = later("doctor", "--json")
    assert (said.code, check(said, "folds")["ok"]) == (0, None)
    with held(guests.folder, UP) as up:
        assert up is not None
        up.say(address="http://127.0.0.1:8400")
        said = later("doctor", "--json")
    assert (said.code, check(said, "folds")["ok"]) == (1, False)
    assert "changed since mainstem up started: guests.Guest" in check(said, "folds")["said"]
    assert check(said, "port 8400")["said"] == "mainstem up listens there"


def test_a_clock_behind_what_was_committed_is_wrong(guests: Here) -> None:
    with opened(guests.folder) as ports:
        later = "UPDATE records SET at = at + ?"
        ports.folder.journal.write(lambda db: db.execute(later, (A_DAY_US,)).rowcount)
    said = guests("doctor", "--json")
    assert said.code == 1
    assert "but something was committed at" in check(said, "clock")["said"]


@pytest.mark.parametrize("lost", ["views.db", "search.db"])
def test_what_follows_from_the_journal_is_made_anew_when_that_is_asked(
    lost: str, guests: Here
) -> None:
    assert guests("ask", "guests/1", "come", "name=Ann").code == 0
    for file in guests.folder.glob(f"{lost}*"):
        file.unlink()
    assert guests("doctor").code == 1
    assert "mainstem doctor --yes" in guests("doctor").out
    assert guests("doctor", "--yes").code == 0
    assert guests("show", "guest/1").code == 0


def test_a_file_that_was_emptied_is_said_to_be(guests: Here) -> None:
    assert guests("ask", "guests/1", "come", "name=Ann").code == 0
    for beside in ("-wal", "-shm"):
        (guests.folder / f"journal.db{beside}").unlink(missing_ok=True)
    (guests.folder / "journal.db").write_bytes(b"")
    said = guests("doctor")
    assert said.code == 1
    assert "restore the whole folder" in said.out
    assert guests("show", "guest/1").code == 1
