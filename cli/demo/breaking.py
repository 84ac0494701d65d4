"""The demo's third step: what goes wrong in real life, done on purpose, and what it came to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from cli.demo.journey import Asked
from mainstem.aggregate import Aggregate

if TYPE_CHECKING:
    from cli.demo.crowd import Crowd
    from local.adapters import Adapters
    from local.engine import Engine

SEVENTH = 7
ALL = 1_000_000
BEHIND_MIN = 20  # records: then it is in the middle of something


@dataclass
class Broken:
    """What was broken, and how it ended."""

    behind: int = 0  # records that nobody had consumed when the consumer was killed
    doubled: int = 0
    held: str = ""
    version: int = 0
    parked: int = 0
    moved: int = 0  # aggregates that went on while one waited
    left: int = 0  # still waiting at the end: there must be none
    seconds: float = 0.0


@contextmanager
def beside(folder: Path, domains: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real `mainstem up` on the folder, in a process that may be killed."""
    words = ["up", "--folder", str(folder), "--domains", str(domains), "--port", "0", "--quiet"]
    process = subprocess.Popen(  # noqa: S603  our own command, and no shell
        [sys.executable, "-m", "cli", *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()  # it says where it listens once it does
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def killed(
    process: subprocess.Popen[bytes],
    behind: Callable[[], int],
    work: Callable[[], None],
    broken: Broken,
) -> None:
    """Kills the consumer with -9 while the work goes on and some of it is not consumed."""
    busy = Thread(target=work)
    busy.start()
    while busy.is_alive() and behind() < BEHIND_MIN:
        time.sleep(0.001)
    process.kill()
    process.wait()
    busy.join()
    broken.behind = behind()


def doubled(ports: Adapters, broken: Broken) -> None:
    """Sends every seventh record of the feed a second time."""
    from mainstem.ports import Bundle
    from mainstem.protocol.drive import drive

    for shard in drive(ports.feed.shards()):
        records = drive(ports.feed.read(shard.name, 0, 100_000)).records
        for one in records[::SEVENTH]:
            drive(ports.feed.put([Bundle(one.key, one.data)]))
            broken.doubled += 1


def held_back(ports: Adapters, crowd: Crowd, ticket: str, broken: Broken) -> None:
    """Of two comments that are committed, only the later one comes to the feed."""
    from mainstem.bundle import bundled
    from mainstem.ports import Bundle
    from mainstem.protocol.drive import drive

    for text in ("held back on the way", "comes too early"):
        crowd.quietly(ports.journal, Asked("tickets", "Comment", "ann1", ticket, {"text": text}))
    aggregate = Aggregate("main", "tickets", ticket)
    first, second = drive(ports.journal.unpublished(aggregate))
    broken.held, broken.version = str(aggregate), first.first
    drive(ports.feed.put([Bundle(aggregate.key, bundled(second.events))]))


def consumed(engine: Engine, broken: Broken) -> None:
    """Everything up to where it waits, and then what repairs it."""
    before = _versions(engine)
    while engine.consume():
        pass
    after = _versions(engine)
    broken.moved = sum(after[one] > before.get(one, 0) for one in after)
    broken.parked = len({one.aggregate for into in engine.intos for one in engine.parked(into)})
    began = time.perf_counter()
    engine.catch_up()
    broken.seconds = time.perf_counter() - began
    broken.left = sum(len(engine.parked(into)) for into in engine.intos)


def _versions(engine: Engine) -> dict[Aggregate, int]:
    """How far each aggregate is shown, in the sink that is furthest."""
    from mainstem.protocol.drive import drive

    found: dict[Aggregate, int] = {}
    for into in engine.intos:
        for row in drive(into.rows.all(into.generation, ("", "", ""), ALL)):
            found[row.aggregate] = max(found.get(row.aggregate, 0), row.version)
    return found
