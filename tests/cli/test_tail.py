"""`mainstem tail`: events as they arrive, until somebody has seen enough."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from cli.following import RECORDS_PER_STEP
from local.adapters import Adapters
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of
from tests.cli.desk import Here, command, domains, opened, surroundings
from tests.cli.guests import GUESTS, came, put

pytestmark = pytest.mark.slow


class Tail:
    """A tail in a process of its own, as somebody watches it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self, channel: IO[str] | None = None) -> str:
        """The next one; it is there as soon as it happened."""
        out = channel or self.process.stdout
        assert out is not None
        return out.readline()

    def interrupted(self) -> int:
        """How it ends when somebody presses Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait()


@contextmanager
def tail(here: Here, *words: str) -> Iterator[Tail]:
    asked = subprocess.Popen(
        command("tail", *words, "--folder", here.folder, "--domains", here.domains),
        env=surroundings(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    with asked:
        following = Tail(asked)
        try:
            assert following.line(asked.stderr) == "following; Ctrl-C ends it\n"
            yield following
        finally:
            asked.kill()


def test_what_happens_is_told_at_once_until_ctrl_c(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=Before", "--as", "ann")
    with tail(here) as following:
        here.after("ask", "tickets/7f2", "comment", "text=After", "--as", "bob")
        line = following.line()
        assert line.startswith("tickets/7f2     2  ")
        assert '  bob           Commented  {"author": "bob", "text": "After"' in line
        assert following.interrupted() == 0


def test_one_domain_from_the_start_as_lines_of_json(here: Here) -> None:
    here.after("ask", "channels/4c", "create", "name=News")
    here.after("ask", "tickets/7f2", "submit", "title=Before", "--as", "ann")
    with tail(here, "tickets", "--from", "start", "--json") as following:
        event = json.loads(following.line())
        assert (event["domain"], event["id"], event["type"]) == ("tickets", "7f2", "Submitted")
        here.after("ask", "channels/5d", "create", "name=Olds")
        here.after("ask", "tickets/7f2", "comment", "text=After", "--as", "ann")
        assert json.loads(following.line())["version"] == 2
        assert following.interrupted() == 0


def test_it_moves_nothing_on(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=Before")
    with opened(here.folder) as ports:
        put_guest(ports, 1)
    before = here("status", "--json").data["sinks"]
    with tail(here, "--from", "start") as following:
        assert "Submitted" in following.line()
        assert following.interrupted() == 0
    assert here("status", "--json").data["sinks"] == before


def put_guest(ports: Adapters, version: int) -> None:
    put(ports, Aggregate("main", "guests", "1").key, bundled([came("1", version)]))


def test_shards_are_told_in_the_order_in_which_all_of_it_was_put(here: Here) -> None:
    here.after("ask", "tickets/1", "submit", "title=Number 1", "--as", "ann")
    with opened(here.folder) as ports:
        for n in range(2, 3 * RECORDS_PER_STEP):
            put(ports, f"main/guests/{n}", bundled([came(str(n), 1)]))
    with tail(here, "--from", "start") as following:
        assert following.line().startswith("tickets/1 ")
        for n in range(2, 3 * RECORDS_PER_STEP):
            assert following.line().split()[0] == f"guests/{n}"


def test_a_fact_has_no_version_yet(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    with opened(here.folder) as ports:
        key = lane_of(Aggregate("main", "guests", "2"))
        put(ports, key, bundled([came("2", 1)], "producer", 1))
    with tail(here, "--from", "start") as following:
        assert following.line().split()[:2] == ["guests/1", "1"]
        assert following.line().split()[:2] == ["guests/2", "-"]


def test_what_can_not_be_read_is_told_and_the_rest_goes_on(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=Before")
    with opened(here.folder) as ports:
        put(ports, "main/tickets/9", b"\x1b[31mnothing of ours")
        put_guest(ports, 1)
    with tail(here, "--from", "start") as following:
        assert "Submitted" in following.line()
        wrong = following.line(following.process.stderr)
        assert "can't be read: bundle: no header: " in wrong
        assert "Came" in following.line()


def test_a_domain_that_is_none_gets_a_hint(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=Before")
    said = here("tail", "ticket")
    assert (said.code, said.out) == (2, "")
    assert said.err == "mainstem: no domain is called 'ticket'; did you mean tickets?\n"


def test_where_nothing_was_begun_there_is_nothing_to_follow(nowhere: Here) -> None:
    said = nowhere("tail")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err
