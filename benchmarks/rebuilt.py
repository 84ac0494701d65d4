"""One rebuild, as `mainstem rebuild start` does it, in a process that has done nothing else.

python -m benchmarks.rebuilt FOLDER VIEW PROCESSES    prints what it has come to, as JSON
"""

from __future__ import annotations

import multiprocessing
import os
import re
import sys
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import NamedTuple

import msgspec

from benchmarks.history import ORDERS
from local import hands
from local.adapters import adapters
from local.rebuilding import Rebuilding
from mainstem.sink import sinks_of

PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


class Loaded(NamedTuple):
    """What one rebuild has come to."""

    events: int
    rows: int
    seconds: float
    spent: float  # of the processor
    peak: int  # bytes of memory: as if all processes had their most at the same moment
    processes: int

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds


def rebuilt(folder: Path, view: str, most: int) -> Loaded:
    """By this process, and at most so many more."""
    hands.HANDS_MAX = most
    peaks = dict[int, int]()
    (sink,) = (one for one in sinks_of({"orders": ORDERS}) if one.name == f"orders.{view}")
    rebuilding = Rebuilding(adapters(folder), sink, lambda _: _look(peaks))
    began, cpu = time.perf_counter(), time.process_time()
    at = rebuilding.stands(rebuilding.start())
    assert at is not None
    seconds, others = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + others.ru_utime + others.ru_stime
    return Loaded(at.done.events, at.done.rows, seconds, spent, sum(peaks.values()), len(peaks))


def _look(peaks: dict[int, int]) -> None:
    """What each has had at most, so far. `getrusage` also counts what begat it had."""
    for process in (os.getpid(), *(one.pid for one in multiprocessing.active_children())):
        try:
            found = PEAK.search(Path(f"/proc/{process}/status").read_text("utf-8"))
        except OSError:
            continue  # it has just ended
        if found is not None and process is not None:
            peaks[process] = int(found[1]) * 1024


if __name__ == "__main__":
    made = rebuilt(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    print(msgspec.json.encode(made).decode())
