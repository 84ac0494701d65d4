"""The demo's second step: a file of facts, whose ingest is killed half-way and run again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from local.adapters import Adapters

FACTS = 200_000
VISITORS = 700
NOON_US = 1_780_315_200_000_000
SPREAD = 2_654_435_761
FILE = "looks.ndjson"


@dataclass
class Ingested:
    """What came of it."""

    facts: int = FACTS
    killed_at: int = 0  # rows that were stored by then
    seconds: float = 0.0
    lost: int = 0
    double: int = 0
    disordered: int = 0


def ingested(ports: Adapters, folder: Path, domains: Path) -> Ingested:
    """All of the file, in two runs."""
    file, found = folder / FILE, Ingested()
    file.write_text("".join(_lines()), "utf-8")
    words = ["ingest", "clicks", str(file), "--folder", str(folder), "--domains", str(domains)]
    began = time.perf_counter()
    _killed(words, folder)
    found.killed_at = _rows(folder)
    run = subprocess.run(_command(words), capture_output=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr.decode()
    found.seconds = time.perf_counter() - began
    _count(found, _pages(ports))
    return found


def _lines() -> Iterator[str]:
    for n in range(FACTS):
        said = {"id": f"v{n % VISITORS}", "type": "Viewed", "at": NOON_US + n * 1_000_000}
        chance = n * SPREAD % 2**32 >> 8  # looks like any number, and is the same in each run
        data = {"page": f"/{n}", "ms": chance % 5_000, "product": f"p{chance // 5_000 % 7}"}
        yield json.dumps({**said, "data": data}) + "\n"


def _killed(words: list[str], folder: Path) -> None:
    """As soon as it has stored something, unless it was quicker."""
    with subprocess.Popen(  # noqa: S603
        _command(words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as run:
        while run.poll() is None and not _rows(folder):
            time.sleep(0.001)
        run.send_signal(signal.SIGKILL)


def _rows(folder: Path) -> int:
    """How many rows of the file are known to be stored."""
    from producers.log import sources_in

    logs = (folder / "ingest").glob("[0-9]*")
    return max((one.rows for log in logs for one in sources_in(log)), default=0)


def _command(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "cli", *words]


def _pages(ports: Adapters) -> dict[str, list[int]]:
    """What each visitor looked at, as the feed has it; a bundle that came twice counts once."""
    from local.producing import records
    from mainstem.bundle import is_lane, opened
    from mainstem.protocol.drive import drive

    found: dict[str, list[int]] = {}
    known: set[tuple[str, str, int]] = set()
    shards = drive(ports.feed.shards())
    every = (one for shard in shards for one in records(ports.feed, shard.name))
    for one in sorted(every, key=lambda one: one.sequence):
        if is_lane(one.key):
            header, _, envelopes = opened(one.key, one.data)
            if (name := (one.key, header.producer, header.n)) not in known:
                known.add(name)
                for fact in envelopes:
                    found.setdefault(fact.id, []).append(int(fact.data["page"][1:]))
    return found


def _count(found: Ingested, pages: dict[str, list[int]]) -> None:
    for n in range(VISITORS):
        wanted, there = range(n, FACTS, VISITORS), pages.get(f"v{n}", [])
        found.lost += len(set(wanted) - set(there))
        found.double += len(there) - len(set(there))
        found.disordered += sum(after < before for before, after in pairwise(there))
