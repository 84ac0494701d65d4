"""Processes that work for this one, each at the other end of a pipe. They end with it.

They hear nothing of Ctrl-C: an interrupt is for whoever gave them work.
"""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

PATIENCE_S, TIDIES_UP_S = 0.5, 10.0
OBJECTS_A_LOOK = 20_000
T = TypeVar("T")
Work = Callable[..., None]  # by name, since another process looks it up; handed its pipe first


def cores() -> int:
    """How many processes can be at work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def collect_seldom() -> None:
    """Work leaves few cycles behind: whoever looks for them as often as ever loses time."""
    gc.freeze()
    atexit.register(gc.unfreeze)  # or libraries find at the end that nobody has let go of them
    gc.set_threshold(OBJECTS_A_LOOK, 50, 100)


class Killed(Exception):
    """One of them was, by somebody else."""


class Crew:
    """Who is there, and who of them waits for work."""

    def __init__(self) -> None:
        self.idle: list[Connection] = []
        self.busy: list[Connection] = []
        self.processes: dict[Connection, BaseProcess] = {}

    def begin(self, work: Work, *told: Any) -> None:
        """One more, who is idle."""
        spawning = multiprocessing.get_context("spawn")
        ours, theirs = spawning.Pipe()
        process = spawning.Process(target=_work, args=(work, theirs), daemon=True)
        with _deaf():
            process.start()
            self.idle.append(ours)
            self.processes[ours] = process
        theirs.close()  # or it would never hear that we are gone, nor we that it is
        # By this pipe: what it begins with we would write for ever, were it killed before it reads.
        _send(ours, told)

    def give(self, task: Any) -> None:
        """To somebody who is idle."""
        one = self.idle.pop()
        self.busy.append(one)  # whatever comes of it, so that it is ended with the others
        _send(one, task)

    def heard(self, read: Callable[[Connection], T]) -> Iterator[tuple[Connection, T]]:
        """A message of each who has one, after waiting for the first. Raises Killed."""
        for one in wait(self.busy, PATIENCE_S):
            assert isinstance(one, Connection)
            try:
                said = read(one)
            except (EOFError, OSError):
                raise Killed from None
            yield one, said

    def rests(self, one: Connection) -> None:
        """It has done what it was given."""
        self.busy.remove(one)
        self.idle.append(one)

    def end(self) -> None:
        """All of them go, whatever they are at. Who is idle tidies up first."""
        for pipe in self.idle:
            pipe.close()
        for pipe, process in self.processes.items():
            if pipe in self.busy:
                process.kill()  # whoever is stopped hears nothing else
        for process in self.processes.values():
            process.join(TIDIES_UP_S)
            process.kill()
            process.join()
        for pipe in self.busy:
            pipe.close()


@contextmanager
def crew(many: int, work: Work, *told: Any) -> Iterator[Crew]:
    """At work while the block runs."""
    found = Crew()
    try:
        for _ in range(many):
            found.begin(work, *told)
        yield found
    finally:
        found.end()


def _send(one: Connection, said: Any) -> None:
    """Whoever has ended may have said why: so that is heard, with what others say."""
    with suppress(OSError):
        one.send(said)


@contextmanager
def _deaf() -> Iterator[None]:
    """What begins now never hears of Ctrl-C. We do, once it has begun."""
    heard: list[int] = []
    resource_tracker.ensure_running()  # beginning itself, it would have Ctrl-C heard again
    main = threading.current_thread() is threading.main_thread()  # which alone may hear
    before = {
        one: signal.signal(one, lambda number, _: heard.append(number))
        for one in (signal.SIGINT, signal.SIGTERM)
        if main
    }
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for one, hears in before.items():
            signal.signal(one, hears)
    for number in heard:
        signal.raise_signal(number)


def _work(work: Work, pipe: Connection) -> None:
    """One of the processes. What a domain prints there is no part of our answer."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.stdout = sys.stderr
    collect_seldom()
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        work(pipe, *pipe.recv())


def _end_with_parent() -> None:
    """At once, whatever it is at: whoever comes next finds nobody at work."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
