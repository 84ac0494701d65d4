"""A producer's log in a folder: segments to which frames are added, let go when all is done.

Every segment begins with what has to outlive those before it: where its places begin, and how far
each file has been read. Whoever has the folder's lock is the producer; it ends with its process.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO, Any

import msgspec

from edge.disk import in_words, synced
from mainstem.ports import Corrupt, Sealed, Source, Unavailable, Unknown
from mainstem.ports.log import page
from producers.frames import bodies, framed

SEGMENT_BYTES_MAX = 32 * 1024 * 1024
SOURCES_MAX = 10_000  # files whose rows are known; then the oldest is forgotten
LOCK, SUFFIX = "lock", ".log"


class InUse(Unavailable):
    """Another producer has this log."""


class Begun(msgspec.Struct, tag="begun", array_like=True):
    """What a segment begins with."""

    place: int
    sources: list[Source]


class Kept(msgspec.Struct, tag="kept", array_like=True):
    """Bundles, from a place on, and how far a source has been read with them."""

    place: int
    bundles: list[Sealed]
    source: Source | None


class Done(msgspec.Struct, tag="done", array_like=True):
    """Places of bundles that are on the feed."""

    places: list[int]


Entry = Begun | Kept | Done
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


@dataclass
class Segment:
    """One file, and which places in it are not done."""

    path: Path
    left: set[int] = field(default_factory=set)


class FileLog:
    """The Log port over a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turn = Lock()  # who keeps and who sends are two threads
        self.cut = 0  # bytes of a frame that was never finished
        self._place = 0
        self._sources: dict[str, Source] = {}
        self._segments: list[Segment] = []
        with in_words(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(folder)
            try:
                self._read()
                self._file = self._begin()
            except BaseException:
                self._lock.close()
                raise

    async def keep(
        self, bundles: Sequence[Sealed], source: Source | None = None
    ) -> tuple[Sealed, ...]:
        """On the disk when this returns."""
        with self._turn:
            first = self._place + 1
            placed = tuple([one._replace(place=first + n) for n, one in enumerate(bundles)])
            self._add(Kept(first, list(placed), source), sync=True)
            self._place += len(placed)
            self._segments[-1].left.update([one.place for one in placed])
            self._note(source)
            self._turn_over()
            return placed

    async def done(self, bundles: Sequence[Sealed]) -> None:
        """Not synced: what is forgotten of it is sent once more, which does no harm."""
        if not bundles:
            return
        places = [one.place for one in bundles]
        with self._turn:
            self._add(Done(places), sync=False)
            self._over(places)
            with in_words(self.folder):
                self._let_go()

    async def left(self, after: int, bytes_max: int) -> tuple[Sealed, ...]:
        """Read again from its segments, so that a long log is never in memory as a whole."""
        with self._turn:
            return page(self._left(after), bytes_max)

    async def sources(self) -> tuple[Source, ...]:
        """Every file that it has heard of, the latest last."""
        return tuple(self._sources.values())

    @property
    def waiting(self) -> int:
        """How many bundles are not done."""
        return sum(len(one.left) for one in self._segments)

    def close(self) -> None:
        """Somebody else may have it now."""
        self._file.close()
        self._lock.close()

    def _left(self, after: int) -> Iterator[Sealed]:
        for segment in self._segments:
            if not segment.left or max(segment.left) <= after:
                continue
            for entry, _ in _entries(segment.path, torn=segment is self._segments[-1]):
                for one in entry.bundles if isinstance(entry, Kept) else ():
                    if one.place > after and one.place in segment.left:
                        yield one

    def _add(self, entry: Entry, *, sync: bool) -> None:
        if self._file.closed:
            raise Unavailable(f"{self.folder}: this log was closed")
        with in_words(self.folder):
            place = self._file.tell()
            try:
                _write(self._file, framed(_encode(entry)))
            except OSError:
                self._take_back(place)
                raise
        if sync:
            self._sync()

    def _take_back(self, place: int) -> None:
        """Half of a frame would end everything after it."""
        try:
            self._file.truncate(place)
            self._file.seek(place)
        except OSError:
            self._file.close()  # whoever opens it again cuts that half off
            raise

    def _sync(self) -> None:
        """What a failed sync has written nobody knows, nor what a later one would: it ends here."""
        try:
            os.fdatasync(self._file.fileno())
        except OSError as no:
            self._file.close()
            raise Unknown(f"{self.folder}: {no.strerror}; open this log anew") from no

    def _turn_over(self) -> None:
        """What was kept is kept, whether or not there is room for another segment just now."""
        if self._file.tell() >= SEGMENT_BYTES_MAX:
            with suppress(OSError):  # the next one that is kept tries again
                full, self._file = self._file, self._begin()
                full.close()

    def _begin(self) -> IO[bytes]:
        """Another segment, whole before anybody relies on it."""
        number = int(self._segments[-1].path.stem) + 1 if self._segments else 1
        path = self.folder / f"{number:012}{SUFFIX}"
        file = path.open("xb", buffering=0)
        try:
            _write(file, framed(_encode(Begun(self._place, list(self._sources.values())))))
            os.fsync(file.fileno())
            synced(self.folder)
        except OSError:
            file.close()
            path.unlink()
            raise
        self._segments.append(Segment(path))
        self._let_go()
        return file

    def _let_go(self) -> None:
        """Segments in which all is done, except the one that is written."""
        while len(self._segments) > 1 and not self._segments[0].left:
            self._segments[0].path.unlink(missing_ok=True)
            del self._segments[0]

    def _read(self) -> None:
        paths = segments(self.folder)
        for path in paths:
            self._segments.append(Segment(path))
            good = 0
            for entry, end in _entries(path, torn=path is paths[-1]):
                self._hear(entry)
                good = end
            self._cut_off(path, good)

    def _hear(self, entry: Entry) -> None:
        if isinstance(entry, Begun):
            self._place = max(self._place, entry.place)
            for source in entry.sources:
                self._note(source)
        elif isinstance(entry, Kept):
            self._place = entry.place + len(entry.bundles) - 1
            self._segments[-1].left.update(one.place for one in entry.bundles)
            self._note(entry.source)
        else:
            self._over(entry.places)

    def _cut_off(self, path: Path, end: int) -> None:
        """What was never finished was never promised. The rest is whole before others follow."""
        self.cut += path.stat().st_size - end
        with path.open("r+b") as file:
            file.truncate(end)
            os.fsync(file.fileno())

    def _note(self, source: Source | None) -> None:
        if source is not None:
            self._sources.pop(source.digest, None)
            self._sources[source.digest] = source
            while len(self._sources) > SOURCES_MAX:
                del self._sources[next(iter(self._sources))]

    def _over(self, places: Iterable[int]) -> None:
        for segment in self._segments:
            segment.left.difference_update(places)


def _write(file: IO[bytes], frame: bytes) -> None:
    if file.write(frame) < len(frame):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def segments(folder: Path) -> list[Path]:
    """The files of a log, in order."""
    return sorted(folder.glob(f"[0-9]*{SUFFIX}"))


def sources_in(folder: Path) -> tuple[Source, ...]:
    """What a log has heard of, for whoever does not have its lock. Raises Corrupt."""
    while True:
        found: dict[str, Source] = {}
        try:
            for path in segments(folder):
                for entry, _ in _entries(path, torn=True):
                    for source in _told(entry):
                        found[source.digest] = source
        except FileNotFoundError:
            continue  # it was let go of just now, and what it said stands in a later one
        return tuple(found.values())


def _told(entry: Entry) -> Sequence[Source]:
    if isinstance(entry, Begun):
        return entry.sources
    return [entry.source] if isinstance(entry, Kept) and entry.source else []


def _entries(path: Path, *, torn: bool) -> Iterator[tuple[Entry, int]]:
    for body, end in bodies(path, path.read_bytes(), torn=torn):
        try:
            entry: Any = _decode(body)
        except msgspec.MsgspecError as no:
            raise Corrupt(f"{path}: was not written by this version: {no}") from None
        yield entry, end


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise InUse(f"{folder}: another producer has this log") from None
    return lock
