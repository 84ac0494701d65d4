"""Loops: a step again and again in a thread of its own, until it is told to stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mainstem.ports import Trouble

AFTER_TROUBLE_S = 1.0
LOG = logging.getLogger("mainstem.up")


@dataclass(frozen=True)
class Loop:
    """One kind of work. `rest_s` is how long it rests when there was nothing to do.

    What is `rung` for hears of every commit; the rest looks by itself, in its own time.
    """

    name: str
    step: Callable[[], int]
    rest_s: float
    rung: bool = False
    bell: threading.Event = field(default_factory=threading.Event)


class Loops:
    """Several of them, which start, are rung for, and stop together."""

    def __init__(self, loops: list[Loop]) -> None:
        self.loops = loops
        self.trouble: dict[str, str] = {}  # by loop: what it says just now
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(loop,), name=loop.name, daemon=True)
            for loop in loops
        ]

    def start(self) -> None:
        """All of them, each in its thread."""
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """There is something to do."""
        for loop in self.loops:
            if loop.rung:
                loop.bell.set()

    def stop(self, patience_s: float) -> bool:
        """Each ends after the step it is in; False where one took longer than that."""
        self._stop.set()
        for loop in self.loops:
            loop.bell.set()
        until = time.monotonic() + patience_s
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, loop: Loop) -> None:
        while not self._stop.is_set():
            loop.bell.clear()
            rest = self._rest_after(loop)
            if rest:
                loop.bell.wait(rest)

    def _rest_after(self, loop: Loop) -> float:
        try:
            busy = loop.step()
        except Trouble as trouble:
            self._say(loop, str(trouble))
            return self._pause()
        except Exception as bug:  # one bad step must not end the work
            if self._say(loop, f"{type(bug).__name__}: {bug}"):
                LOG.exception("%s failed; it is tried again", loop.name)
            return self._pause()
        self.trouble.pop(loop.name, None)
        return 0.0 if busy else loop.rest_s

    def _say(self, loop: Loop, text: str) -> bool:
        """Once for each new trouble."""
        new = self.trouble.get(loop.name) != text
        self.trouble[loop.name] = text
        if new:
            LOG.warning("%s: %s", loop.name, text)
        return new

    def _pause(self) -> float:
        self._stop.wait(AFTER_TROUBLE_S)
        return 0.0
