"""Every command works while `mainstem up` runs on the folder."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.desk import Here, command, domains, surroundings
from tests.cli.guests import CHANGED, FORGETFUL, GUESTS

pytestmark = pytest.mark.slow


@pytest.fixture
def guests(tmp_path: Path) -> Iterator[Here]:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    words = ("up", "--port", "0", "--folder", here.folder, "--domains", here.domains)
    up = subprocess.Popen(
        command(*words), env=surroundings(), encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with up:
        assert up.stdout is not None
        assert up.stdout.readline().startswith("up: http://127.0.0.1:")
        yield here
        up.send_signal(signal.SIGINT)
        assert up.wait() == 0


def test_what_is_asked_is_shown_at_once(guests: Here) -> None:
    for n in range(2, 8):
        assert guests.after("ask", "guests/1", "come", f"name=Guest {n}").err == ""
        assert guests("show", "guest/1", "--json").data["version"] == n
        assert guests("list", "guest", "--json").data["rows"][0]["name"] == f"Guest {n}"
    assert len(guests("history", "guests/1", "--json").data["events"]) == 7


def test_its_address_is_told(guests: Here) -> None:
    up = guests("status", "--json").data["up"]
    assert up["address"].startswith("http://127.0.0.1:")
    assert up["address"] in guests("doctor").out
    assert guests("token", "--as", "ann").code == 0


def test_code_that_changed_is_told_to_restart_it(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=CHANGED))
    come = ("ask", "guests/1", "come", "name=Bob")
    for words in (("show", "guest/1"), ("list", "guest"), ("parked", "retry"), come):
        said = later(*words)
        assert (said.code, said.out) == (3, "")
        assert said.err == "mainstem: Guest changed since `mainstem up` started; restart it\n"
    assert guests.after(*come).err == ""
    assert guests("show", "guest/1", "--json").data["name"] == "Bob"


def test_what_older_code_can_apply_never_waits(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=FORGETFUL))
    guests.after("ask", "guests/1", "muse", "thought=Hm")
    assert later("show", "guest/1", "--json").data["version"] == 2
    assert guests("parked", "list").out == "nothing is parked\n"
    assert guests("quarantine", "list").out == "nothing is in quarantine\n"
