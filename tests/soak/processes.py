"""Processes that may be killed: each in a group of its own, with a log of what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
POLL_S = 0.01


class Process:
    """One process after the other, started by the same words."""

    def __init__(self, name: str, words: Sequence[str], logs: Path) -> None:
        self.name, self.words, self.logs = name, tuple(words), logs
        self.starts = 0
        self.since = 0.0
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def number(self) -> int | None:
        """The process that runs; None where none does."""
        running = self._running
        return running.pid if running is not None and running.poll() is None else None

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.since

    def start(self) -> None:
        assert self.number is None, f"{self.name} runs already"
        self.starts += 1
        self.since = time.monotonic()
        with (self.logs / f"{self.name}.{self.starts}.log").open("wb") as log:
            self._running = subprocess.Popen(
                [sys.executable, *self.words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def kill(self) -> int:
        """With -9, and all it started; how it ended: -9, unless it had ended before."""
        return self._end(signal.SIGKILL, None)

    def stop(self, patience_s: float) -> int:
        """Asks it to end; how it ended. Raises TimeoutExpired."""
        return self._end(signal.SIGTERM, patience_s)

    def said(self) -> str:
        """What its latest start has said."""
        return (self.logs / f"{self.name}.{self.starts}.log").read_text("utf-8", "replace")

    def _end(self, how: signal.Signals, patience_s: float | None) -> int:
        running = self._running
        assert running is not None
        if running.poll() is None:
            os.killpg(running.pid, how)
        return running.wait(patience_s)


def until(true: Callable[[], bool], patience_s: float) -> bool:
    """Whether it became true in time."""
    end = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True
