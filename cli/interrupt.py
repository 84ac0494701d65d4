"""Ctrl-C at any moment: the process ends with one line and exit code 3."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = "mainstem: interrupted; run it again"
NOT_NOW = 3


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
    if _is_ours():
        signal.signal(signal.SIGINT, Heard())


def interrupted() -> bool:
    """Whether somebody has pressed it, whatever became of that."""
    hears = signal.getsignal(signal.SIGINT)
    return isinstance(hears, Heard) and hears.once


def refuse_interrupted() -> None:
    """Between two steps: one that was dropped is raised here."""
    if interrupted():
        raise KeyboardInterrupt


@contextmanager
def at_once() -> Iterator[None]:
    """For work that only reads, or begins: the process ends where it is."""
    if not _is_ours():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: _leave())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _is_ours() -> bool:
    main = threading.current_thread() is threading.main_thread()
    return main and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def _leave() -> None:
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(NOT_NOW)
