"""What the memory benchmark runs in a process of its own: a feed, folded batch by batch."""

from __future__ import annotations

import re
import sys
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from benchmarks import orders
from benchmarks.orders import Order
from mainstem.discovery import domain_of
from mainstem.envelope import decode
from mainstem.folding import Folding

BATCH = 10_000


def folded(path: Path) -> dict[str, Folding]:
    """Every order of the feed, all of them held at once."""
    domain, rows = domain_of(orders), dict[str, Folding]()
    with path.open("rb") as lines:
        while batch := [decode(line.rstrip()) for line in islice(lines, BATCH)]:
            for envelope in batch:
                rows.setdefault(envelope.id, Folding(Order)).advance(*domain.record(envelope))
    return rows


def most_kilobytes() -> int:
    """The most memory that this process ever held."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says on Linux includes the process that started this one
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0])
    return getrusage(RUSAGE_SELF).ru_maxrss // 1024  # bytes, on a Mac


if __name__ == "__main__":
    held = folded(Path(sys.argv[1]))
    print(len(held), most_kilobytes())
