"""Ctrl-C in the middle of long work: the process ends at once, with one line and exit code 3."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = "mainstem: interrupted; run it again"
NOT_NOW = 3


@contextmanager
def at_once() -> Iterator[None]:
    """For work that only reads: engines turn an interrupt into errors of their own, or drop it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: _leave())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave() -> None:
    os.write(2, f"{INTERRUPTED}\n".encode())
    os._exit(NOT_NOW)
