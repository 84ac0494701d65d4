"""What happens to a file: it fills up, it is locked away, its disk fails, its process is killed.

Each of these runs in a process of its own, which it spoils.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock

from local.store import Store
from mainstem.ports import Trouble
from tests.contracts.desk import threads

TABLES = ("CREATE TABLE IF NOT EXISTS said (who INTEGER, n INTEGER, PRIMARY KEY (who, n))",)
SAY = "INSERT INTO said (who, n) VALUES (?, ?)"
THREADS = 8
CAPABILITIES = 0x20080522  # the layout of capset(2) that has been in use since Linux 2.6.26


def say(store: Store, who: int, n: int) -> None:
    store.write(lambda db: db.execute(SAY, (who, n)))


def said(store: Store) -> set[tuple[int, int]]:
    return set(store.rows("SELECT who, n FROM said"))


def killed_while_writing(file: Path, answers: Connection) -> None:
    """Writes for ever, and says what was answered."""
    store, mouth = Store(file), Lock()

    def go_on(who: int) -> None:
        for n in count():
            say(store, who, n)
            with mouth:
                answers.send((who, n))
            assert os.getppid() > 1, "nobody is left behind by a test that failed"

    threads(THREADS, go_on)


def out_of_room(file: Path, room: int, _: int) -> tuple[set[tuple[int, int]], list[str]]:
    """Writes until no file may grow any more: what was answered, and what was said in the end."""
    answered: set[tuple[int, int]] = set()

    def go_on(who: int) -> str:
        for n in count():
            try:
                say(store, who, n)
            except Trouble as trouble:
                return type(trouble).__name__
            answered.add((who, n))
        raise AssertionError

    with closing(Store(file)) as store:
        said(store)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        return answered, threads(THREADS, go_on)


def as_a_stranger(work: Callable[[Path], str], file: Path, _: int) -> str:
    """Root may read and write anywhere, until it gives up all that makes it root."""
    if sys.platform == "linux":
        header, nothing = (ctypes.c_uint32 * 2)(CAPABILITIES, 0), (ctypes.c_uint32 * 6)()
        assert ctypes.CDLL(None).capset(header, nothing) == 0
    try:
        return work(file)
    except Trouble as trouble:
        return f"{type(trouble).__name__}: {trouble}"


def read(file: Path) -> str:
    with closing(Store(file)) as store:
        return str(sorted(said(store)))


def write(file: Path) -> str:
    with closing(Store(file)) as store:
        say(store, 9, 9)
        return "written"
