"""Files of facts: which one it is, by its bytes, and how far it has been read before.

A file is known by what it holds, not by its name, so that it can be moved, and named twice, and is
read once. What was added at its end since is read from there on.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import IO

from edge.disk import in_words
from mainstem._refusal import Unfit
from mainstem.ports import Corrupt, Source

CHUNK_BYTES = 1024 * 1024
DIGEST_BYTES = 16
COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
FORMATS = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}


def format_of(path: Path) -> str | None:
    """By its name, which may end in .gz or .zst; None where that says nothing."""
    name = path.with_suffix("") if path.suffix in COMPRESSED else path
    return FORMATS.get(name.suffix)


class Bounded(io.RawIOBase):
    """The first bytes of a file, as many as there were when it was looked at."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file, self.size, self.read_bytes = file, size, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Not beyond the end that it had."""
        some = self.file.read(min(len(buffer), self.size - self.read_bytes))
        buffer[: len(some)] = some
        self.read_bytes += len(some)
        return len(some)


@dataclass
class File:
    """One of them, as long as it was when it was looked at."""

    path: Path
    format: str
    size: int
    place: int  # on its disk, whatever it is called
    rows: int = 0  # where it says how many it has
    bounded: Bounded | None = None
    _digests: dict[int, str] = field(default_factory=dict)

    @property
    def read_bytes(self) -> int:
        """How much of it has been read by now."""
        return 0 if self.bounded is None else self.bounded.read_bytes

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """What it holds, decompressed."""
        import pyarrow as pa

        with in_words(self.path), self.path.open("rb", buffering=0) as file:
            if self.format == "parquet":
                yield file
                return
            self.bounded = Bounded(file, self.size)
            compression = COMPRESSED.get(self.path.suffix)
            source: IO[bytes] = io.BufferedReader(self.bounded, CHUNK_BYTES)
            yield source if compression is None else pa.input_stream(source, compression)

    def begun(self, whose: str, known: Iterable[Source], at: int, *, again: bool = False) -> Source:
        """How far it has been read, as it stands or as it stood before it grew. Raises Corrupt.

        With `again` it counts as never read.
        """
        known = [one for one in known if 0 < one.size <= self.size]
        self._digest(whose, {self.size, *(one.size for one in known)})
        before = [one for one in known if self._digests[one.size] == one.digest]
        furthest = max(before, key=lambda one: (one.size, one.rows), default=None)
        new = Source(self._digests[self.size], self.size, self.path.name, at)
        if furthest is None or again:
            return new
        if furthest.size == self.size:
            return furthest._replace(name=self.path.name)
        self._refuse_unended(furthest)
        return new._replace(rows=furthest.rows)

    def _digest(self, whose: str, sizes: set[int]) -> None:
        """Its beginnings of these sizes; the same bytes are another file for another domain."""
        if sizes <= self._digests.keys():
            return
        digest, done = blake2b(whose.encode(), digest_size=DIGEST_BYTES), 0
        with in_words(self.path), self.path.open("rb", buffering=0) as file:
            for size in sorted(sizes):
                while done < size:
                    if not (some := file.read(min(CHUNK_BYTES, size - done))):
                        raise Corrupt(f"{self.path}: became shorter while it was read")
                    digest.update(some)
                    done += len(some)
                self._digests[size] = digest.hexdigest()

    def _refuse_unended(self, before: Source) -> None:
        """What was read as the last row may have been half of one."""
        if self.path.suffix not in COMPRESSED and self.format != "parquet":
            with in_words(self.path), self.path.open("rb") as file:
                file.seek(before.size - 1)
                if b"\n" in file.read(2):  # it had an end, or has got one
                    return
        raise Corrupt(
            f"{self.path}: was read before when it had {before.size} bytes, and its last row has "
            "no end there; whether more was added to that row can't be told (--again reads it anew)"
        )


def file_at(path: Path, format: str) -> File:
    """As long as it is now."""
    with in_words(path):
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Unfit(f"{path}: is no file that can be read twice; pipe it to -")
        rows = _rows(path) if format == "parquet" else 0
        return File(path, format, about.st_size, about.st_ino, rows)


def _rows(path: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, ValueError) as no:
        raise Corrupt(f"{path.name}: is no Parquet that can be read: {no}") from None
