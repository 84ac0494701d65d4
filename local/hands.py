"""Hands: who prepares the parts of a generation: this process, or several while this one writes.

SQLite takes one writer, and most of a rebuild is making rows of columns. A store that takes many
writers would need none of this.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from archive.duck import connection
from archive.table import reading_of
from edge.crew import Killed, cores, crew
from edge.disk import unavailable
from local.folder import opened
from local.journal import Journal
from mainstem._refusal import Unfit
from mainstem.discovery import domain_of
from mainstem.ports import Contended, Corrupt, Generation, Unavailable, Unknown
from mainstem.protocol.folded import Dirty, Prepared
from mainstem.protocol.rebuild import Part, Standing
from mainstem.sink import Sink, timers_of
from replay.cut import Cut
from replay.preparing import Preparing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as DuckDB

ALONE_EVENTS_MAX = 1_000_000  # they are folded before others have begun to
HANDS_MAX = 4  # by then the writer takes longest, and memory is shared out well
TROUBLES = (Corrupt, Unavailable, Unknown, Contended, Unfit)


class Batch(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Some aggregates of a part; each kind apart, for as arrays they can't be told apart."""

    part: int
    prepared: Sequence[Prepared] = ()
    dirty: Sequence[Dirty] = ()
    last: bool = False  # nothing of it is left, and its finished rows are on the disk


class Failed(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """What another process met, as one of TROUBLES; "" where it is a bug."""

    trouble: str
    text: str


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch | Failed).decode


@dataclass(frozen=True)
class Hands:
    """What they are at, and what they are told of each part."""

    preparing: Preparing
    folder: Path
    cut: Callable[[Part], Cut | None]  # as it is when a part is begun
    many: int  # aggregates at a time

    def parts(self, duck: DuckDB) -> Generator[Batch]:
        """All that are left; of several processes, each goes on with the next of them."""
        return self._alone(duck) if self.among == 1 else self._together(self.among)

    @property
    def among(self) -> int:
        """How many processes it is shared out among."""
        at = self.preparing.at
        left = [at.parts[nth].events for nth in at.left]
        return 1 if sum(left) <= ALONE_EVENTS_MAX else min(len(left), cores(), HANDS_MAX)

    def _alone(self, duck: DuckDB) -> Generator[Batch]:
        for nth in self.preparing.at.left:
            yield from _part(self.preparing, duck, *self._task(nth), self.many)

    def _task(self, nth: int) -> tuple[int, Cut | None]:
        return nth, self.cut(self.preparing.at.parts[nth])

    def _together(self, among: int) -> Generator[Batch]:
        left = deque(self.preparing.at.left)
        try:
            with crew(among, work, self._job(among)) as others:
                while left or others.busy:
                    while left and others.idle:
                        others.give(self._task(left.popleft()))
                    for one, said in others.heard(Connection.recv_bytes):
                        batch = read(said)
                        if batch.last:
                            others.rests(one)
                        yield batch
        except Killed:
            name = self.preparing.sink.name
            raise Unavailable(f"{name}: a process that folds it was killed; run it again") from None

    def _job(self, among: int) -> Job:
        made, sink = self.preparing, self.preparing.sink
        name = sink.domain.module.__name__
        file = sink.domain.module.__file__
        assert file is not None
        root = Path(file).parents[name.count(".")]  # a link is imported from where it stands
        return Job(
            self.folder, made.archive, str(root), name, sink.state.__name__, sink.fingerprint,
            made.new, made.at, self.many, among,
        )  # fmt: skip


class Job(NamedTuple):
    """What another process has to know of it."""

    folder: Path
    archive: Path
    root: str  # where its domain is imported from
    module: str
    state: str
    fingerprint: str
    new: Generation
    at: Standing
    many: int
    among: int

    def sink(self) -> Sink:
        """The same as is rebuilt. Raises Unavailable where its file is another one by now."""
        other = Unavailable(f"{self.module}: was changed just now; run it again")
        sys.path.insert(0, self.root)
        try:
            domain = domain_of(importlib.import_module(self.module))
            state = domain.states[self.state]
        except Exception:  # noqa: BLE001  it could be loaded a moment ago
            raise other from None
        finally:
            sys.path.remove(self.root)  # what else lies there is not meant
        sink = Sink(domain, state, timers=timers_of(domain, state))
        if (sink.fingerprint, reading_of(domain)) != (self.fingerprint, self.at.reading):
            raise other
        return sink


def work(pipe: Connection, job: Job) -> None:
    """One of several processes: part after part, as long as somebody says which."""
    try:
        with (
            closing(opened(job.folder, create=False)) as folder,
            connection(job.archive, f"fold-{job.module}", job.among) as duck,
        ):
            made = Preparing(job.archive, Journal(folder.journal), job.sink(), job.new, job.at)
            while True:
                nth, cut = pipe.recv()
                for batch in _part(made, duck, nth, cut, job.many):
                    pipe.send_bytes(_encode(batch))
    except (EOFError, ConnectionError):
        raise  # nobody wants it any more
    except OSError as no:
        pipe.send_bytes(_encode(failed(unavailable(job.archive, no))))
    except Exception as no:  # noqa: BLE001  told to whoever asked
        pipe.send_bytes(_encode(failed(no)))


def _part(made: Preparing, duck: DuckDB, nth: int, cut: Cut | None, many: int) -> Iterator[Batch]:
    for some in made.part(duck, nth, cut, many):
        prepared = [one for one in some if isinstance(one, Prepared)]
        yield Batch(nth, prepared, [one for one in some if isinstance(one, Dirty)])
    yield Batch(nth, last=True)


def failed(no: Exception) -> Failed:
    """What is told of it."""
    for trouble in TROUBLES:
        if isinstance(no, trouble):
            return Failed(trouble.__name__, str(no))
    said = traceback.format_exception(no)
    return Failed("", "".join([*said[-1:], *said]))  # what it is comes first: the rest may be cut


def read(said: bytes) -> Batch:
    """What another process says, or raises what it has met."""
    found = _decode(said)
    if isinstance(found, Batch):
        return found
    for trouble in TROUBLES:
        if trouble.__name__ == found.trouble:
            raise trouble(found.text)
    raise RuntimeError(found.text)
