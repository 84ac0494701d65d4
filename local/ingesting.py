"""Ingesting: a file of facts into a folder, row by row, from where an earlier run of it ended."""

from __future__ import annotations

import fcntl
import io
import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from local.adapters import Adapters
from local.producing import LOGS, LeftBehind, producing
from local.trouble import in_words
from mainstem.ports import Source, Unavailable
from mainstem.protocol.drive import drive
from producers.files import File
from producers.forwarding import Forwarder
from producers.loading import Loading
from producers.log import sources_in
from producers.rejects import Rejects
from producers.rows import rows_of
from producers.taking import Taker

FILES, REJECTED = "files.lock", "rejected"  # in the folder of logs
STDIN = "stdin"
LOCKS = 1 << 60


@dataclass(frozen=True)
class Ingesting:
    """What is on its way, and whether there is anything to do at all."""

    loading: Loading
    forwarder: Forwarder
    begun: Source | None  # how far an earlier run has come; None for what can't be read again

    @property
    def finished(self) -> bool:
        """Whether there was nothing left to read."""
        return self.begun is not None and self.begun.finished


@contextmanager
def reading(ports: Adapters, taker: Taker, file: File, *, again: bool) -> Iterator[Ingesting]:
    """A file, which nobody else reads meanwhile. Raises Unavailable where somebody does."""
    at, whose = drive(ports.clock.now()), f"{taker.tenant}/{taker.domain.name}\0"
    logs = ports.folder.path / LOGS
    with _alone(logs, file.path) as take:
        take(file.place)  # it may grow meanwhile, and be another file by its bytes
        take(int(file.begun(whose, _known(logs), at, again=again).digest[:15], 16))
        # What somebody else had just read of it, until they let go of it, is known by now.
        begun = file.begun(whose, _known(logs), at, again=again)
        if begun.rows:
            _bring(ports)
        rejects = Rejects(_rejects(logs, begun), begun.rejected)
        with producing(ports) as forwarder:
            loading = Loading(taker, forwarder, rejects, lambda: drive(ports.clock.now()), begun)
            yield Ingesting(loading, forwarder, begun)


@contextmanager
def listening(ports: Adapters, taker: Taker) -> Iterator[Ingesting]:
    """What comes in on stdin, of which nobody can say how far it was read before."""
    at = drive(ports.clock.now())
    rejects = Rejects(ports.folder.path / LOGS / REJECTED / f"{STDIN}-{at}.ndjson", 0)
    with producing(ports) as forwarder:
        loading = Loading(taker, forwarder, rejects, lambda: drive(ports.clock.now()))
        yield Ingesting(loading, forwarder, None)


def load(ingesting: Ingesting, file: File, told: Callable[[], None]) -> None:
    """All of a file that is left."""
    loading = ingesting.loading
    loading.told = told
    with file.opened() as opened:
        loading.load(rows_of(opened, file.format, loading.taker.domain.events, file.path.name))


def listen(ingesting: Ingesting, stdin: IO[bytes], format: str, told: Callable[[], None]) -> None:
    """All that comes."""
    loading = ingesting.loading
    loading.told = told
    patient = cast("IO[bytes]", Patient(stdin, loading.keep))
    loading.load(rows_of(patient, format, loading.taker.domain.events, STDIN))


class Patient(io.RawIOBase):
    """Reads what is there. Before it waits for more, what was read is kept."""

    def __init__(self, file: IO[bytes], before_waiting: Callable[[], None]) -> None:
        self._file, self._before_waiting = file, before_waiting

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """At least one byte, unless it has ended."""
        if not select.select([self._file], [], [], 0)[0]:
            self._before_waiting()
        some = self._file.read1(len(buffer))  # type: ignore[attr-defined]
        buffer[: len(some)] = some
        return len(some)


def _bring(ports: Adapters) -> None:
    """What earlier runs have left goes first, whichever log it lies in: facts keep their order."""
    behind = LeftBehind(ports)
    while behind.bring():
        pass


def _known(logs: Path) -> list[Source]:
    return [one for log in sorted(logs.glob("[0-9]*")) for one in sources_in(log)]


def _rejects(logs: Path, source: Source) -> Path:
    return logs / REJECTED / f"{source.name}-{source.digest[:8]}.ndjson"


@contextmanager
def _alone(logs: Path, path: Path) -> Iterator[Callable[[int], None]]:
    """A byte of one file stands for each file that is read; the lock ends with its process."""
    with in_words(logs):
        logs.mkdir(parents=True, exist_ok=True)
        lock = (logs / FILES).open("ab")

    def take(place: int) -> None:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place % LOCKS)
        except OSError:
            raise Unavailable(f"{path}: another process is just reading it") from None

    with lock:
        yield take
