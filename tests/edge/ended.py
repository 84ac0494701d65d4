"""Processes that must have ended, for tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE_S, POLL_S = 30.0, 0.02


def wait_for_the_end_of(processes: Iterable[int]) -> None:
    """Returns once none of them is at work; one that nobody has waited for is a zombie."""
    until = time.monotonic() + PATIENCE_S
    left = list(processes)
    while left := [one for one in left if _works(one)]:
        assert time.monotonic() < until, f"still at work: {left}"
        time.sleep(POLL_S)


def _works(process: int) -> bool:
    try:
        os.kill(process, 0)
        stat = Path(f"/proc/{process}/stat")
        return not stat.exists() or stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
