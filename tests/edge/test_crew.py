"""Processes that work for another: what they hear, say, and when they end."""

from __future__ import annotations

import multiprocessing
import multiprocessing.spawn
import os
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from pickle import PicklingError

import pytest

from edge.crew import Crew, Killed, cores, crew
from tests.edge.ended import wait_for_the_end_of

ROOT = Path(__file__).parents[2]
LEFT_ALONE = """
import os, signal, sys
from edge.crew import crew
from tests.edge.test_crew import answer, wait_for_a_word

with crew(2, answer) as others:
    for one in list(others.idle):
        others.give("for ever")
    print(*(process.pid for process in others.processes.values()), flush=True)
    wait_for_a_word(others)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def answer(pipe: Connection) -> None:
    """What the other processes do."""
    while True:
        match pipe.recv():
            case "for ever":
                pipe.send("begun")
                while True:
                    time.sleep(1)
            case "print":
                print("this is no answer")  # noqa: T201
                pipe.send(os.getpid())
            case "interrupt":
                os.kill(os.getpid(), signal.SIGINT)
                pipe.send("goes on")
            case "deaf":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                pipe.send("begun")
                while True:
                    time.sleep(1)
            case said:
                pipe.send(said)


def heard(others: Crew, many: int = 1) -> list[object]:
    """So many answers; who has given one rests."""
    found: list[object] = []
    while len(found) < many:
        for one, said in others.heard(Connection.recv):
            others.rests(one)
            found.append(said)
    return found


def wait_for_a_word(others: Crew) -> None:
    """One of them is at it; however long it takes to begin, which `heard` has no patience for."""
    while not list(others.heard(Connection.recv)):
        pass


def test_each_has_its_own_task() -> None:
    with crew(2, answer) as others:
        while others.idle:
            others.give(f"task {len(others.idle)}")
        assert sorted(map(str, heard(others, 2))) == ["task 1", "task 2"]
        assert not others.busy


def test_who_has_answered_is_given_the_next() -> None:
    with crew(1, answer) as others:
        for task in ("one", "two"):
            others.give(task)
            assert heard(others) == [task]


def test_what_they_print_is_no_answer(capfd: pytest.CaptureFixture[str]) -> None:
    with crew(1, answer) as others:
        others.give("print")
        assert heard(others) != [os.getpid()]
    assert capfd.readouterr() == ("", "this is no answer\n")


def test_an_interrupt_is_for_whoever_gave_them_work() -> None:
    with crew(1, answer) as others:
        others.give("interrupt")
        assert heard(others) == ["goes on"]


@pytest.mark.parametrize(("busy", "unread"), [(True, False), (True, True), (False, False)])
def test_who_was_killed_is_missed(busy: bool, unread: bool) -> None:
    def one_is_killed() -> None:
        with crew(1, answer) as others:
            (process,) = others.processes.values()
            if busy:
                others.give("for ever")
                wait_for_a_word(others)
            if unread:
                others.busy[0].send("what nobody reads any more")
            process.kill()
            process.join()
            if not busy:
                others.give("anything")
            while True:
                heard(others)

    with pytest.raises(Killed):
        one_is_killed()


def says_why(pipe: Connection, _: bytes) -> None:
    """One that can't begin."""
    pipe.send("there is no such file")


@pytest.mark.parametrize("told", [b"", b"more than a pipe holds" * 100_000])
def test_who_has_ended_is_heard_before_it_is_missed(told: bytes) -> None:
    with crew(1, says_why, told) as others:
        (process,) = others.processes.values()
        process.join()
        others.give(b"more than a pipe holds" * 100_000)
        assert heard(others) == ["there is no such file"]


def test_who_is_killed_before_it_reads_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    resource_tracker.ensure_running()  # which is a Python, too
    monkeypatch.setattr(multiprocessing.spawn, "_python_exe", b"/bin/false")
    with crew(1, says_why, b"more than a pipe holds" * 100_000) as others:
        others.give("anything")
        with pytest.raises(Killed):
            heard(others)


class Interrupts:
    """Work for nobody: while it is handed on, somebody presses Ctrl-C, or asks to end."""

    def __init__(self, by: signal.Signals) -> None:
        self.by = by

    def __call__(self, pipe: Connection) -> None:
        """Never here."""

    def __reduce__(self) -> str | tuple[object, ...]:
        os.kill(os.getpid(), self.by)
        return str, ()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_one_begins_is_heard_once_it_has(by: signal.Signals) -> None:
    before = signal.signal(by, signal.default_int_handler)
    try:
        others = Crew()
        with pytest.raises(KeyboardInterrupt):
            others.begin(Interrupts(by))
        (process,) = others.processes.values()
        assert process.is_alive()
        others.end()
        assert not process.is_alive()
    finally:
        signal.signal(by, before)


def test_they_end_with_the_block_whatever_they_are_at() -> None:
    with pytest.raises(ZeroDivisionError), crew(2, answer) as others:
        mine = list(others.processes.values())
        others.give("for ever")
        wait_for_a_word(others)
        raise ZeroDivisionError
    assert not any(one.is_alive() for one in mine)
    assert sorted(str(one.exitcode) for one in mine) == sorted(["0", str(-signal.SIGKILL)])


def test_who_is_stopped_ends_as_well() -> None:
    with crew(1, answer) as others:
        (process,) = others.processes.values()
        others.give("for ever")
        wait_for_a_word(others)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGSTOP)
    assert process.exitcode == -signal.SIGKILL


def test_who_does_not_end_when_asked_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.crew.TIDIES_UP_S", 0.01)
    with crew(1, answer) as others:
        (mine,) = others.processes.values()
        others.give("deaf")
        wait_for_a_word(others)
    assert mine.exitcode == -signal.SIGKILL


class Few:
    """What can be handed to so many processes, and to no more."""

    def __init__(self, many: int) -> None:
        self.left = many

    def __reduce__(self) -> tuple[type[str], tuple[()]]:
        self.left -= 1
        assert self.left >= 0
        return str, ()


def told(pipe: Connection, _: str) -> None:
    answer(pipe)


@pytest.mark.parametrize("begun", [0, 1])
def test_where_one_can_not_begin_nobody_stays_and_interrupts_are_heard(begun: int) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(AssertionError), crew(2, told, Few(begun)):
        pass
    assert not multiprocessing.active_children()
    assert signal.getsignal(signal.SIGINT) == before


def test_whoever_gave_them_work_hears_of_interrupts_meanwhile() -> None:
    before = signal.getsignal(signal.SIGINT)
    with crew(1, answer):
        assert signal.getsignal(signal.SIGINT) == before


def test_a_thread_may_have_them_too() -> None:
    found = list[object]()

    def asks() -> None:
        with crew(1, answer) as others:
            others.give("well")
            found.extend(heard(others))

    asking = threading.Thread(target=asks)
    asking.start()
    asking.join()
    assert found == ["well"]


def test_whom_a_task_did_not_reach_ends_with_the_block_as_well() -> None:
    with crew(1, answer) as others:
        (mine,) = others.processes.values()
        with pytest.raises((AttributeError, PicklingError)):
            others.give(lambda: None)  # which no other process can be told
    assert mine.exitcode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="every core is everybody's here")
def test_there_are_as_many_cores_as_this_may_use() -> None:
    before = os.sched_getaffinity(0)
    try:
        for some in (before, {min(before)}):
            os.sched_setaffinity(0, some)
            assert cores() == len(some)
    finally:
        os.sched_setaffinity(0, before)


def test_they_end_with_the_one_they_work_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LEFT_ALONE], cwd=ROOT, capture_output=True, check=False,
        encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    mine = [int(one) for one in done.stdout.split()]
    assert len(mine) == 2
    wait_for_the_end_of(mine)
