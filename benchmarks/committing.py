"""Durable commands: this beside `eventsourcing` on SQLite, each answered once it was synced.

Both decide on aggregates that they read from the file, in WAL mode with `synchronous = FULL`: the
log is synced before a commit is told. Clients are threads of one process, for both.
"""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Barrier

from benchmarks import disk
from benchmarks.measure import Result, Target, figures, rates, ratio
from benchmarks.peers import MISSING, stories
from benchmarks.tickets import STORY, Desk, desk

CLIENTS = (1, 8, 64)
COMMANDS_MAX = 1_600
LEAST = {1: 1.0, 64: 5.0}  # times a peer's
MINE = "Mainstem"
Story = Callable[[], None]


def run(events: int, runs: int) -> Result:
    with tempfile.TemporaryDirectory() as place, ExitStack() as opened:
        folder = Path(place)
        mine = opened.enter_context(desk(folder / "mainstem"))
        _refuse_unsynced(mine)
        peers = stories(folder, opened)
        told = {MINE: lambda: mine.live(uuid.uuid4().hex), **peers}
        found = _measured(told, min(events, COMMANDS_MAX), runs)
        notes = (disk.described(folder), *(() if peers else (MISSING,)))
    return Result(
        name="committing",
        title=f"commands, {len(STORY)} to a ticket, each on the disk before it is answered",
        unit="commands per second",
        figures=figures(found),
        targets=tuple(_targets(found, peers)),
        notes=notes,
    )


def _refuse_unsynced(mine: Desk) -> None:
    store = mine.ports.folder.journal
    (synchronous,) = store.write(lambda db: db.execute("PRAGMA synchronous").fetchone())
    (mode,) = store.write(lambda db: db.execute("PRAGMA journal_mode").fetchone())
    assert (mode, synchronous) == ("wal", 2), "a commit must wait for the disk: WAL, FULL"


def _measured(told: Mapping[str, Story], commands: int, runs: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for clients in CLIENTS:
        each = max(1, commands // len(STORY) // clients)
        crowds = {
            _named(name, clients): partial(_crowd, story, clients, each)
            for name, story in told.items()
        }
        found |= rates(crowds, clients * each * len(STORY), runs)
    return found


def _crowd(story: Story, clients: int, each: int) -> float:
    """Seconds until all are done: each client tells so many stories, one after the other."""
    begin = Barrier(clients + 1)

    def client() -> None:
        begin.wait()
        for _ in range(each):
            story()

    with ThreadPoolExecutor(clients) as threads:
        done = [threads.submit(client) for _ in range(clients)]
        begin.wait()
        started = time.perf_counter()
        for one in done:
            one.result()
        return time.perf_counter() - started


def _named(name: str, clients: int) -> str:
    return f"{name}, {clients} {'client' if clients == 1 else 'clients'}"


def _targets(found: Mapping[str, float], peers: Mapping[str, Story]) -> Iterator[Target]:
    for clients, least in LEAST.items():
        for peer in peers:
            times = ratio(found[_named(MINE, clients)], found[_named(peer, clients)])
            yield Target(f"{_named(MINE, clients)}, against {peer}", times, least, at_least=True)
