"""`mainstem status`: how everything stands, counted without touching it."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from local.locks import UP, WORK, held
from tests.cli.desk import Here, command, domains, opened, surroundings
from tests.cli.guests import GUESTS, feed, put


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    return Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))


def test_all_is_counted(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    with held(guests.folder, WORK):
        guests.after("ask", "guests/1", "come", "name=Bob")
        data = guests("status", "--json").data
    (sink,) = data.pop("sinks")
    assert data.pop("bytes") > 0
    assert data == {
        "folder": str(guests.folder),
        "up": None,
        "unpublished": 0,
        "quarantined": 0,
        "intents": 0,
    }
    assert sink == {
        "sink": "guests.Guest",
        "generation": 1,
        "stage": "current",
        "lag": 1,
        "parked": 0,
        "audited_at": None,
    }


def test_looking_moves_nothing_on(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    feed(guests, "1", version=2)
    for _ in range(2):
        assert guests("status", "--json").data["sinks"][0]["lag"] == 1


def test_what_needs_somebody_is_said_with_the_command(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    feed(guests, "2", version=2)
    with opened(guests.folder) as ports:
        put(ports, "main/guests/3", b"nothing of ours")
    guests.after("list", "guest")
    said = guests("status")
    assert "guests.Guest  1           current  0    1       -\n" in said.out
    assert "unpublished 0 · quarantined 1 · effects waiting 0\n" in said.out
    assert "1 wait: mainstem parked list\n" in said.out
    assert said.out.endswith("some can't be read: mainstem quarantine list\n")


def test_who_is_up_is_said_with_the_address(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    assert "not up; the next command moves views on" in guests("status").out
    with held(guests.folder, UP) as mine:
        assert mine is not None
        assert "up: starting" in guests("status").out
        mine.say(address="http://127.0.0.1:8400")
        assert "up: http://127.0.0.1:8400 (process " in guests("status").out


def test_a_view_that_changed_shows_its_current_build_only(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    changed = GUESTS.replace('default=""', 'default="?"')
    later = Here(guests.folder, domains(guests.folder.parent, guests=changed))
    later.after("show", "guest/1")
    assert [one["generation"] for one in later("status", "--json").data["sinks"]] == [2]


def test_it_needs_no_domain_files(guests: Here, tmp_path: Path) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    assert Here(guests.folder, tmp_path / "none")("status").code == 0


def test_where_nothing_was_begun_there_is_no_status(guests: Here) -> None:
    said = guests("status")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--json",)])
def test_watching_tells_each_change_on_a_line_until_ctrl_c(
    words: tuple[str, ...], guests: Here
) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    asked = subprocess.Popen(
        command("status", "--watch", "--folder", guests.folder, *words), env=surroundings(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    with asked:
        assert asked.stdout is not None
        assert lag_in(asked.stdout.readline()) == 0
        feed(guests, "2", version=2)
        assert lag_in(asked.stdout.readline()) == 1
        asked.send_signal(signal.SIGINT)
        out, err = asked.communicate()
    assert (asked.returncode, out, err) == (0, "", "")


def lag_in(line: str) -> int:
    if line.startswith("{"):
        return int(json.loads(line)["sinks"][0]["lag"])
    return int(line.partition("lag ")[2].partition(" ")[0])
