"""The store: commits share an fsync, readers never wait, and whatever fails fails alone."""

from __future__ import annotations

import signal
import sqlite3
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from local.folder import create
from local.store import JOBS_PER_COMMIT_MAX, Store
from mainstem.ports import Unavailable
from tests.local.cupboard import store as opened
from tests.local.waiting import Crowd, crowd, saying, until
from tests.local.wear import TABLES, said, say


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    file = tmp_path / "said.db"
    create(file, TABLES)
    with opened(file) as one:
        yield one


def commits(store: Store) -> list[str]:
    """Every commit and its durability from now on, as SQLite is told."""
    told: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith(("COMMIT", "PRAGMA synchronous")):
            told.append(statement)

    store.write(lambda db: db.set_trace_callback(note))
    told.clear()
    return told


def failing(db: sqlite3.Connection) -> None:
    saying(7, 7)(db)
    raise ZeroDivisionError


def test_a_write_answers_what_its_job_does(store: Store) -> None:
    assert store.write(lambda db: db.execute("SELECT 1").fetchone()) == (1,)


def test_what_is_written_is_read_at_once_by_everybody(store: Store) -> None:
    with opened(store.file) as other:
        for n in range(20):
            say(store, 1, n)
            assert (1, n) in said(other)
            assert (1, n) in said(store)


def test_commits_that_arrive_together_share_one_fsync(store: Store) -> None:
    told = commits(store)
    with crowd(store) as waiting:
        for who in range(50):
            waiting.add(saying(who, 0))
        told.clear()
    assert told == ["COMMIT", "PRAGMA synchronous = FULL", "COMMIT"]  # the first is the crowd's own
    assert len(said(store)) == 50


def test_one_commit_takes_along_so_many_and_no_more(store: Store) -> None:
    told = commits(store)
    with crowd(store) as waiting:
        for who in range(JOBS_PER_COMMIT_MAX + 1):
            waiting.add(saying(who, 0), durable=False)
        told.clear()
    assert told.count("COMMIT") == 3
    assert len(said(store)) == JOBS_PER_COMMIT_MAX + 1


def test_nobody_waits_for_the_disk_unless_somebody_must(store: Store) -> None:
    told = commits(store)
    store.write(saying(1, 1), durable=False)
    store.write(saying(1, 2), durable=False)
    store.write(saying(1, 3))
    store.write(saying(1, 4))
    assert told == [
        *["PRAGMA synchronous = NORMAL", "COMMIT", "COMMIT"],
        *["PRAGMA synchronous = FULL", "COMMIT", "COMMIT"],
    ]
    assert store.write(lambda db: db.execute("PRAGMA synchronous").fetchone()) == (2,)


def test_one_that_must_wait_for_the_disk_waits_for_all(store: Store) -> None:
    told = commits(store)
    with crowd(store) as waiting:
        for who in range(5):
            waiting.add(saying(who, 0), durable=who == 3)
        told.clear()
    assert told == ["COMMIT", "PRAGMA synchronous = FULL", "COMMIT"]


def test_a_job_that_fails_takes_back_its_own_writes_only(store: Store) -> None:
    with crowd(store) as waiting:
        waiting.add(saying(1, 1))
        waiting.add(failing)
        waiting.add(saying(1, 1))
        waiting.add(saying(1, 2))
    assert said(store) == {(1, 1), (1, 2)}
    assert isinstance(waiting.results[1], ZeroDivisionError)
    assert isinstance(waiting.results[2], sqlite3.IntegrityError)
    with pytest.raises(ZeroDivisionError):
        store.write(failing)
    assert said(store) == {(1, 1), (1, 2)}


def test_the_writer_is_as_good_as_new_after_a_failure(store: Store) -> None:
    for n in range(5):
        with pytest.raises(ZeroDivisionError):
            store.write(failing)
        with pytest.raises(ZeroDivisionError), store.together():
            say(store, 8, 8)
            1 / 0
        say(store, 1, n)
    assert said(store) == {(1, n) for n in range(5)}


def test_what_is_written_together_is_there_together_or_not_at_all(store: Store) -> None:
    with opened(store.file) as other:
        with store.together():
            say(store, 1, 1)
            with store.together():
                say(store, 1, 2)
            assert said(store) == {(1, 1), (1, 2)}
            assert said(other) == set()
        assert said(other) == {(1, 1), (1, 2)}


def test_others_wait_until_what_is_together_is_done(store: Store) -> None:
    with crowd(store) as waiting:
        waiting.add(saying(2, 2))
        say(store, 1, 1)
        assert said(store) == {(1, 1)}
    assert said(store) == {(1, 1), (2, 2)}


def test_a_job_may_write_and_read_through_its_store(store: Store) -> None:
    def nested(db: sqlite3.Connection) -> list[set[tuple[int, int]]]:
        say(store, 1, 1)
        with store.together():
            say(store, 1, 2)
            return [said(store), store.look(lambda db: set(db.execute("SELECT * FROM said")))]

    assert store.write(nested) == [{(1, 1), (1, 2)}] * 2


def test_what_is_looked_at_is_of_one_moment(store: Store) -> None:
    say(store, 1, 1)

    def look(db: sqlite3.Connection) -> tuple[int, int]:
        count = "SELECT count(*) FROM said"
        (before,) = db.execute(count).fetchone()
        with opened(store.file) as other:
            say(other, 1, before + 1)
        (after,) = db.execute(count).fetchone()
        return before, after

    assert [store.look(look) for _ in range(2)] == [(1, 1), (2, 2)]
    assert len(said(store)) == 3


def test_reads_never_write(store: Store) -> None:
    with pytest.raises(Unavailable, match="read-only"):
        store.rows("DELETE FROM said")
    with pytest.raises(Unavailable, match="read-only"):
        store.look(lambda db: db.execute("DELETE FROM said"))
    with pytest.raises(Unavailable, match="read-only"):
        store.look(lambda _: say(store, 1, 1))


def test_a_look_that_fails_leaves_no_transaction_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.look(lambda _: 1 / 0)
    say(store, 1, 1)
    assert store.look(lambda db: db.execute("SELECT * FROM said").fetchall()) == [(1, 1)]


def test_a_cursor_does_not_leave_its_job(store: Store) -> None:
    with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
        store.write(lambda db: db.execute("SELECT 1")).fetchone()


def test_a_failure_does_not_hold_the_writer_up_where_it_is_kept(store: Store) -> None:
    def fail(db: sqlite3.Connection) -> None:
        half_read = db.execute("SELECT * FROM said")
        half_read.fetchone()
        raise ZeroDivisionError

    for n in range(3):
        say(store, 0, n)
    with crowd(store) as waiting:
        waiting.add(fail)
        waiting.add(saying(1, 1))
    kept = waiting.results[0]
    assert isinstance(kept, ZeroDivisionError)
    frames = [frame for frame, _ in traceback.walk_tb(kept.__traceback__)]
    assert not [one for one in frames if "half_read" in one.f_locals]


def test_connections_of_threads_that_ended_are_closed(store: Store) -> None:
    connections: list[sqlite3.Connection] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: connections.append(store.reader))
        thread.start()
        thread.join()
    for gone in connections[:2]:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            gone.execute("SELECT 1")


def test_a_store_that_was_closed_leaves_its_log_empty(store: Store) -> None:
    say(store, 1, 1)
    assert said(store) == store.look(lambda db: set(db.execute("SELECT * FROM said")))
    store.close()
    assert not store.file.with_name("said.db-wal").exists()
    store.close()


class Interrupted(BaseException):
    """As Ctrl-C is."""


@pytest.fixture
def interrupted() -> Iterator[None]:
    def interrupt(_: int, __: FrameType | None) -> None:
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.usefixtures("interrupted")
@pytest.mark.parametrize("ahead", [0, 1], ids=["first", "second"])
def test_whoever_gives_up_waiting_does_not_hold_up_the_line(store: Store, ahead: int) -> None:
    held, given_up = threading.Event(), threading.Event()
    waiting = Crowd(store)

    def hold() -> None:
        with store.together():
            for who in range(ahead):
                waiting.add(saying(who, 0))
            held.set()
            until(lambda: store.waiting == ahead + 1)  # whoever is going to give up
            waiting.add(saying(3, 3))
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
            given_up.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with pytest.raises(Interrupted):
        say(store, 2, 2)
    given_up.set()
    holder.join()
    waiting.join()
    assert said(store) == {(who, 0) for who in range(ahead)} | {(3, 3)}
