"""Ctrl-C at any moment, or SIGTERM: the process ends with one line and exit code 3.

What it has begun ends with it: a Spark job of its own would go on alone.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = "mainstem: interrupted; run it again"
NOT_NOW = 3
ASKED = (signal.SIGINT, signal.SIGTERM)


class Heard:
    """What hears it and remembers: engines make errors of their own of it, or drop it."""

    def __init__(self) -> None:
        self.once = False

    def __call__(self, *_: object) -> None:
        """Somebody has pressed it."""
        self.once = True
        raise KeyboardInterrupt


def hear() -> None:
    """From now on, where nobody has said to ignore it."""
    heard = Heard()
    for one in ASKED:
        if _is_ours(one):
            signal.signal(one, heard)


def interrupted() -> bool:
    """Whether somebody has pressed it, whatever became of that."""
    hear = map(signal.getsignal, ASKED)
    return any(one.once for one in hear if isinstance(one, Heard))


def refuse_interrupted() -> None:
    """Between two steps: one that was dropped is raised here."""
    if interrupted():
        raise KeyboardInterrupt


@contextmanager
def at_once() -> Iterator[None]:
    """For work that only reads, or begins: the process ends where it is."""
    before = {one: signal.signal(one, lambda *_: _leave()) for one in ASKED if _is_ours(one)}
    try:
        yield
    finally:
        for one, hears in before.items():
            signal.signal(one, hears)


def _is_ours(one: signal.Signals) -> bool:
    """Where nobody has said to ignore it."""
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(one) is not signal.SIG_IGN


def _leave() -> None:
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(NOT_NOW)
