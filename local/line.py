"""The line before the writer: whoever comes first leads, and takes along all who wait behind.

A lock alone would let the fastest thread in again and again, while those whose work is done long
since stood waiting to hear of it.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]


class Waiting(Generic[T]):
    """A job, and how it ended."""

    def __init__(self, job: Job[T], durable: bool) -> None:
        self.job, self.durable = job, durable
        self.taken = self.done = False
        self.result: T | None = None
        self.error: Exception | None = None
        self.woken = threading.Lock()
        self.woken.acquire()

    def outcome(self) -> T:
        """What the job returned, or raises why nothing came of it."""
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]


class Line:
    """Those who wait, in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[Waiting[Any]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def stand(self, waiting: Waiting[Any]) -> None:
        """Returns once its work is done, or it comes first and must lead."""
        with self._guard:
            self._waiting.append(waiting)
            if self._waiting[0] is waiting:
                return
        waiting.woken.acquire()

    def take(self, batch: list[Waiting[Any]], most: int) -> None:
        """The first and those behind go into this batch, for one commit."""
        with self._guard:
            batch.extend(islice(self._waiting, most))
            for one in batch:
                one.taken = True

    def release(self, batch: list[Waiting[Any]]) -> None:
        """Their work is done; the next one leads."""
        with self._guard:
            for one in batch:
                one.done = True
                self._waiting.popleft()
            self._wake_first()
        for one in batch:
            one.woken.release()

    def leave(self, waiting: Waiting[Any]) -> None:
        """It waits no more, wherever it stood. Work that was taken along is done all the same."""
        with self._guard:
            if waiting in self._waiting and not waiting.taken:
                first = self._waiting[0] is waiting
                self._waiting.remove(waiting)
                if first:
                    self._wake_first()

    def _wake_first(self) -> None:
        if self._waiting:
            self._waiting[0].woken.release()
