"""Threads that write while nobody can, so that all of them are waiting when one can."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from local.store import Store
from tests.local.wear import SAY

Job = Callable[[sqlite3.Connection], object]


class Crowd:
    """Each in a thread of its own, in the order in which they were added."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.threads: list[threading.Thread] = []
        self.results: dict[int, object] = {}

    def add(self, job: Job, *, durable: bool = True) -> None:
        """Returns when it stands in the line."""
        before, number = self.store.waiting, len(self.threads)
        self.threads.append(threading.Thread(target=self._run, args=(number, job, durable)))
        self.threads[-1].start()
        until(lambda: self.store.waiting > before)

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def _run(self, number: int, job: Job, durable: bool) -> None:
        try:
            self.results[number] = self.store.write(job, durable=durable)
        except Exception as error:  # noqa: BLE001  looked at by the test
            self.results[number] = error


@contextmanager
def crowd(store: Store) -> Iterator[Crowd]:
    """All that is added inside waits until the block ends, and is done when it has ended."""
    one = Crowd(store)
    with store.together():
        yield one
    one.join()


def saying(who: int, n: int) -> Job:
    return lambda db: db.execute(SAY, (who, n))


def until(condition: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.0005)
