"""Loops: each does its work in its own time, and one bad step ends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable

from local.loops import Loop, Loops
from mainstem.ports import Unavailable

HOURS_S = 3_600.0


def stepping(until: int, done: threading.Event) -> tuple[list[int], Callable[[], int]]:
    """A step that counts, says when it was there so often, and never finds anything to do."""
    counted: list[int] = []

    def step() -> int:
        counted.append(1)
        if len(counted) == until:
            done.set()
        return 0

    return counted, step


def test_a_commit_rings_for_those_who_wait_for_commits() -> None:
    busy, idle = threading.Event(), threading.Event()
    (rung, often), (other, seldom) = stepping(5, busy), stepping(1, idle)
    loops = Loops([Loop("consumer", often, HOURS_S, rung=True), Loop("auditor", seldom, HOURS_S)])
    loops.start()
    assert idle.wait(30)
    while not busy.is_set():
        loops.ring()
    assert loops.stop(30)
    assert len(rung) >= 5
    assert len(other) == 1


def test_a_step_that_fails_is_said_and_tried_again() -> None:
    again, tries = threading.Event(), []

    def step() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("the disk is full")
        again.set()
        return 0

    loops = Loops([Loop("consumer", step, HOURS_S)])
    loops.start()
    assert again.wait(30)
    assert loops.stop(30)
    assert loops.trouble == {}


def test_trouble_is_there_to_be_read_as_long_as_it_lasts() -> None:
    met = threading.Event()

    def step() -> int:
        met.set()
        raise ZeroDivisionError("a bug")

    loops = Loops([Loop("search", step, HOURS_S)])
    loops.start()
    assert met.wait(30)
    assert loops.stop(30)
    assert loops.trouble == {"search": "ZeroDivisionError: a bug"}
