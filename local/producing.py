"""Producing: whoever sends facts into this folder keeps them in a log of its own first.

Each process takes the first log that nobody has, so what one left behind is brought to the feed by
the next, whichever that is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

from local.adapters import Adapters
from local.feed import Feed
from mainstem.ports import Arrived, Sealed, Trouble
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from producers.forwarding import Behind, Forwarder
from producers.ingest import Ack
from producers.log import FileLog, InUse, segments

LOGS = "ingest"  # in the folder
FLUSH_S_MAX = 2.0  # then others have their turn; the rest goes with the next look
Look = tuple[tuple[str, int], ...]
Name = tuple[str, str, int]  # of a bundle: its lane, its producer and its number
RECORDS_PER_READ = 1_000


@contextmanager
def producing(ports: Adapters, heard: Callable[[], None] = lambda: None) -> Iterator[Forwarder]:
    """A way to the feed while the block runs. What is not published by then stays in its log."""
    log = _free(ports.folder.path / LOGS)
    try:
        known = partial(there, ports.feed)
        forwarder = Forwarder(log, ports.feed, ports.clock, heard, known)
        forwarder.start()
        try:
            yield forwarder
        finally:
            forwarder.close()
    finally:
        log.close()


@dataclass
class Way:
    """A way to the feed while the process lives: where one has broken, another is taken."""

    ports: Adapters
    heard: Callable[[], None] = lambda: None
    stores = True
    _open: ExitStack = field(default_factory=ExitStack)
    _forwarder: Forwarder | None = None
    _turn: Lock = field(default_factory=Lock)

    def send(self, facts: Sequence[Fact], ack: Ack) -> Sequence[Ack]:
        """What is promised of each, all of which are stored. Raises Trouble: none of them is."""
        forwarder = self._taken()
        try:
            return forwarder.send(facts, ack)
        except Behind:
            raise
        except Exception:
            self._leave(forwarder)
            raise

    def close(self) -> None:
        """What is not published stays in the log, for whoever comes next."""
        self._leave(self._forwarder)

    def _leave(self, forwarder: Forwarder | None) -> None:
        with self._turn:
            if forwarder is self._forwarder:
                self._forwarder = None
                self._open.close()

    def _taken(self) -> Forwarder:
        with self._turn:
            if self._forwarder is None:
                self._forwarder = self._open.enter_context(producing(self.ports, self.heard))
            return self._forwarder


@dataclass
class LeftBehind:
    """Logs that somebody left, whose process has ended: whoever is up brings them to the feed."""

    ports: Adapters
    heard: Callable[[], None] = lambda: None
    _empty: dict[Path, Look] = field(default_factory=dict)  # as they looked when nothing was left

    def bring(self) -> int:
        """Whatever lies there and nobody has; how many facts. Raises Corrupt, with the file."""
        published, troubles = 0, list[Trouble]()
        for folder in sorted((self.ports.folder.path / LOGS).glob("[0-9]*")):
            try:
                published += self._brought(folder)
            except Trouble as trouble:  # one log keeps no other waiting
                troubles.append(trouble)
        if troubles:
            raise troubles[0]
        return published

    def _brought(self, folder: Path) -> int:
        if self._empty.get(folder) == _look(folder):
            return 0
        try:
            log = FileLog(folder)
        except InUse:
            return 0
        try:
            published = self._forwarded(log) if log.waiting else 0
            if not log.waiting:
                self._empty[folder] = _look(folder)
            return published
        finally:
            log.close()

    def _forwarded(self, log: FileLog) -> int:
        known = partial(there, self.ports.feed)
        forwarder = Forwarder(log, self.ports.feed, self.ports.clock, self.heard, known)
        forwarder.start()
        try:
            forwarder.flush(FLUSH_S_MAX)
        finally:
            forwarder.close()
        return forwarder.published


def _look(folder: Path) -> Look:
    found = []
    for path in segments(folder):
        with suppress(FileNotFoundError):  # whoever has it has let go of it
            found.append((path.name, path.stat().st_size))
    return tuple(found)


def there(feed: Feed, old: Sequence[Sealed]) -> list[bool]:
    """Which of these bundles are on the feed, that keeps facts for ever. It reads all of it."""
    names = [(one.lane, one.producer, one.n) for one in old]
    lanes, found = {one.lane for one in old}, set[Name]()
    for shard in drive(feed.shards()):
        for arrived in records(feed, shard.name):
            if arrived.key in lanes and (name := _name(arrived.key, arrived.data)):
                found.add(name)
    return [name in found for name in names]


def _free(folder: Path) -> FileLog:
    number = 0
    while True:
        with suppress(InUse):
            return FileLog(folder / f"{number}")
        number += 1


def records(feed: Feed, shard: str) -> Iterator[Arrived]:
    """All that a shard holds, in order."""
    after = 0
    while (reading := drive(feed.read(shard, after, RECORDS_PER_READ))).records:
        yield from reading.records
        after = reading.upto


def _name(lane: str, data: bytes) -> Name | None:
    """Of a bundle that can be read."""
    try:
        header = json.loads(data.partition(b"\n")[0])
        return lane, header["producer"], header["n"]
    except (ValueError, KeyError, TypeError):
        return None
