"""One SQLite file: many readers, one writer at a time, and commits that share an fsync.

Whoever comes first leads and runs, in one transaction, everything that waits behind; the others are
woken when their work is done. Alone, nobody waits for anybody.

Python runs one thread at a time, and SQLite lets go of that turn at every step of a statement. Many
threads would spend most of their time passing it on, so short work is done one after the other, and
side by side is only what waits for the disk.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import clear_frames
from typing import Any

from local.line import Job, Line, T, Waiting
from local.trouble import in_words
from mainstem.ports import Unknown

BUSY_MS_MAX = 30_000
JOBS_PER_COMMIT_MAX = 256
LOG_PAGES_MAX = 4_000  # then they are copied from the log into the file, and synced once more
WRITER_CACHE_KIB = 16 * 1024
READER_CACHE_KIB = 2 * 1024  # one a thread; and whatever others write empties it


class Store:
    """`write` runs a job in a transaction; `reader` is this thread's connection for reads."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._local = threading.local()
        self._guard = threading.Lock()
        self._turn = threading.Lock()
        self._short = threading.RLock()
        self._line = Line()
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._writer: sqlite3.Connection | None = None
        self._glass: sqlite3.Connection | None = None
        self._durable: bool | None = None

    def write(self, job: Job[T], *, durable: bool = True) -> T:
        """The job's result, once it is committed; `durable`: once it has reached the disk.

        What is not durable yet is never lost before what was written after it.
        """
        inside = self._inside
        if inside is not None:
            return job(inside)  # part of a whole: it holds when the whole does
        if not self._line and self._turn.acquire(blocking=False):
            try:  # nobody else is about, and who comes now waits for the turn
                return self._transact(durable, lambda writer: _result(writer, job))
            finally:
                self._turn.release()
        waiting = Waiting(job, durable)
        try:
            self._line.stand(waiting)
            if not waiting.done:
                self._lead()
        except BaseException:  # somebody pressed Ctrl-C; the line goes on without them
            self._line.leave(waiting)
            raise
        return waiting.outcome()

    @contextmanager
    def together(self, *, durable: bool = False) -> Iterator[None]:
        """All that this thread writes inside is one transaction, and it reads what it wrote."""
        if self._inside is not None:
            yield
            return
        with self._turn, in_words(self.file):
            writer = self._begin(durable)
            try:
                yield
                self._commit(writer)
            finally:
                self._end(writer)

    def look(self, job: Job[T]) -> T:
        """What a short job reads, all of it as it was at one moment. It can't write."""
        inside = self._inside
        if inside is not None:
            return job(inside)
        with self._short, in_words(self.file):
            glass = self._glass = self._glass or self._new_reader()
            glass.execute("BEGIN")
            self._local.inside = glass
            try:
                return _result(glass, job)
            finally:
                self._local.inside = None
                if glass.in_transaction:
                    glass.execute("COMMIT")

    @property
    def inside(self) -> bool:
        """Whether this thread is within a transaction, which sees its own writes only."""
        return self._inside is not None

    @property
    def waiting(self) -> int:
        """How many writes have not been answered yet."""
        return len(self._line)

    @property
    def reader(self) -> sqlite3.Connection:
        """This thread's connection for reads: it sees whatever is committed."""
        inside = self._inside
        if inside is not None:
            return inside
        found: sqlite3.Connection | None = getattr(self._local, "reader", None)
        return found or self._own_reader()

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """What a read finds."""
        with in_words(self.file):
            return self.reader.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Any:
        """The first of it, or None."""
        with in_words(self.file):
            return self.reader.execute(sql, values).fetchone()

    def close(self) -> None:
        """Nobody uses it any more."""
        with self._turn, self._short, self._guard:
            for connection in (*self._readers.values(), self._glass, self._writer):
                if connection is not None:
                    with suppress(sqlite3.Error):
                        connection.close()
            self._readers.clear()
            self._local = threading.local()
            self._glass = self._writer = self._durable = None

    @property
    def _inside(self) -> sqlite3.Connection | None:
        return getattr(self._local, "inside", None)

    def _lead(self) -> None:
        """Everything that waits, in one transaction; each job's failure is its own."""
        batch: list[Waiting[Any]] = []
        with self._turn:
            try:
                self._line.take(batch, JOBS_PER_COMMIT_MAX)
                durable = any(one.durable for one in batch)
                self._transact(durable, lambda writer: _run(writer, batch))
            except Exception as error:  # noqa: BLE001  whatever it was, nobody's work is done
                _tell(batch, error)
            except BaseException:
                _tell(batch, Unknown(f"{self.file}: interrupted while it was written"))
                raise
            finally:
                self._line.release(batch)

    def _transact(self, durable: bool, work: Job[T]) -> T:
        """What the work comes to, once it is committed. It is short, so nobody reads meanwhile."""
        with in_words(self.file):
            writer = self._begin(durable)
            try:
                with self._short:
                    result = work(writer)
                self._commit(writer)
                return result
            finally:
                self._end(writer)

    def _begin(self, durable: bool) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = self._connect(WRITER_CACHE_KIB)
        if durable is not self._durable:
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        self._writer.execute("BEGIN IMMEDIATE")
        self._local.inside = self._writer
        return self._writer

    def _end(self, writer: sqlite3.Connection) -> None:
        self._local.inside = None
        if writer.in_transaction:
            writer.execute("ROLLBACK")

    def _commit(self, writer: sqlite3.Connection) -> None:
        try:
            writer.execute("COMMIT")
        except sqlite3.OperationalError as wrong:
            if wrong.sqlite_errorcode & 0xFF == sqlite3.SQLITE_IOERR:
                text = "the disk failed while it was written; what was asked for may be there"
                raise Unknown(f"{self.file}: {text}") from wrong
            raise

    def _own_reader(self) -> sqlite3.Connection:
        reader = self._new_reader()
        with self._guard:
            for thread in [one for one in self._readers if not one.is_alive()]:
                self._readers.pop(thread).close()
            self._readers[threading.current_thread()] = reader
        self._local.reader = reader
        return reader

    def _new_reader(self) -> sqlite3.Connection:
        reader = self._connect(READER_CACHE_KIB)
        reader.execute("PRAGMA query_only = ON")
        return reader

    def _connect(self, cache_kib: int) -> sqlite3.Connection:
        with in_words(self.file):
            connection = sqlite3.connect(
                f"{self.file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None,
                timeout=BUSY_MS_MAX / 1000, check_same_thread=False, cached_statements=256,
            )  # fmt: skip
        connection.execute(f"PRAGMA cache_size = -{cache_kib}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES_MAX}")
        connection.execute("PRAGMA fullfsync = ON")  # macOS syncs to the disk only when told so
        return connection


def _result(writer: sqlite3.Connection, job: Job[T]) -> T:
    """A cursor stays here: forgotten in another thread, it would reset a statement in use."""
    try:
        result = job(writer)
    except BaseException as error:
        clear_frames(error.__traceback__)  # they may hold one
        raise
    if isinstance(result, sqlite3.Cursor):
        result.close()
    return result


def _run(writer: sqlite3.Connection, batch: list[Waiting[Any]]) -> None:
    if len(batch) == 1:
        batch[0].result = _result(writer, batch[0].job)
        return
    for one in batch:
        _run_beside_others(writer, one)


def _run_beside_others(writer: sqlite3.Connection, waiting: Waiting[Any]) -> None:
    """A job that fails takes back its own writes only."""
    writer.execute("SAVEPOINT job")
    try:
        waiting.result = _result(writer, waiting.job)
    except Exception as error:
        if isinstance(error, sqlite3.Error) and not isinstance(error, sqlite3.IntegrityError):
            raise  # a full disk or a damaged file is everybody's
        waiting.error = error
        writer.execute("ROLLBACK TO job")
    writer.execute("RELEASE job")


def _tell(batch: list[Waiting[Any]], error: Exception) -> None:
    for one in batch:
        one.error = one.error or error
