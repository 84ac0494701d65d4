"""Trouble: a full, failing, locked or damaged disk is told in words, and loses nothing answered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pytest

from local.folder import PAGE_BYTES, create
from local.store import Store
from mainstem.ports import Corrupt, Trouble, Unavailable
from tests.contracts.desk import threads
from tests.contracts.shelf import crowd
from tests.local import waiting, wear
from tests.local.cupboard import store as opened
from tests.local.wear import TABLES, said, say


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "said.db"
    create(file, TABLES)
    return file


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with opened(file) as one:
        yield one


def pages_at_most(store: Store, most: int) -> None:
    store.write(lambda db: db.execute(f"PRAGMA max_page_count = {most}"))


def test_a_full_disk_is_told_and_nothing_that_was_answered_is_lost(store: Store) -> None:
    pages_at_most(store, 8)
    answered: set[tuple[int, int]] = set()

    def fill(who: int) -> str:
        for n in range(100_000):
            try:
                say(store, who, n)
            except Unavailable as trouble:
                return str(trouble)
            answered.add((who, n))
        raise AssertionError

    words = threads(8, fill)
    assert set(words) == {f"{store.file}: the disk is full; nothing was written"}
    assert len(answered) > 100
    assert said(store) == answered
    pages_at_most(store, 1_000)
    say(store, 9, 9)
    assert said(store) == answered | {(9, 9)}


def test_a_full_disk_spoils_no_larger_whole(store: Store) -> None:
    pages_at_most(store, 8)
    with pytest.raises(Unavailable, match="the disk is full"), store.together():
        for n in range(100_000):
            say(store, 1, n)
    assert said(store) == set()
    say(store, 1, 1)


def test_a_failing_disk_leaves_it_open_what_was_written_last(file: Path) -> None:
    ((answered, said_last),) = crowd(partial(wear.out_of_room, file, 40 * PAGE_BYTES), processes=1)
    assert set(said_last) == {"Unknown"}
    assert answered
    with opened(file) as again:
        there = said(again)
        assert answered <= there
        assert len(there - answered) <= wear.THREADS  # nobody was told, either way


def test_whatever_was_answered_outlives_its_process(file: Path) -> None:
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=wear.killed_while_writing, args=(file, theirs))
    process.start()
    theirs.close()
    with ours:
        answered = {ours.recv() for _ in range(500)}
        process.kill()
        process.join()
        answered |= set(_rest(ours.recv))
    process.close()
    with opened(file) as again:
        there = said(again)
    assert answered <= there
    assert len(there - answered) <= wear.THREADS
    for who in range(wear.THREADS):  # each in order, without a hole
        mine = sorted(n for one, n in there if one == who)
        assert mine == list(range(len(mine)))


def _rest(receive: object) -> Iterator[tuple[int, int]]:
    assert callable(receive)
    while True:
        try:
            yield receive()
        except (EOFError, OSError):  # the last word may be cut short
            return


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (0o400, "Unavailable: {file}: can't be written: the folder or the file is read-only"),
        (
            0o000,
            "Unavailable: {file}: can't be opened: it is missing, read-only, or not yours to read",
        ),
    ],
)
def test_a_file_that_is_not_ours_to_write_is_told(store: Store, mode: int, words: str) -> None:
    say(store, 1, 1)
    for one in store.file.parent.iterdir():
        one.chmod(mode)
    ask = partial(wear.as_a_stranger, wear.write, store.file)
    assert crowd(ask, processes=1) == [words.format(file=store.file)]
    assert said(store) == {(1, 1)}


def test_a_folder_that_is_not_ours_to_write_is_told(file: Path) -> None:
    with opened(file) as store:
        say(store, 1, 1)
    file.chmod(0o400)
    file.parent.chmod(0o500)
    try:
        (words,) = crowd(partial(wear.as_a_stranger, wear.write, file), processes=1)
    finally:
        file.parent.chmod(0o700)
    assert words.startswith(f"Unavailable: {file}: can't be ")


def test_a_file_that_is_missing_is_told_and_not_made(tmp_path: Path) -> None:
    store = Store(tmp_path / "gone.db")
    for ask in (said, partial(say, who=1, n=1)):
        with pytest.raises(Unavailable, match=r"gone\.db: can't be opened: it is missing"):
            ask(store)
    store.close()
    assert not (tmp_path / "gone.db").exists()


@pytest.mark.parametrize("place", [0, 20, PAGE_BYTES, 2 * PAGE_BYTES])
def test_a_damaged_file_is_told_and_stays_as_it_is(file: Path, place: int) -> None:
    with opened(file) as store:
        for n in range(3_000):
            store.write(lambda db: db.execute(wear.SAY, (1, n)), durable=False)  # noqa: B023
    before = bytearray(file.read_bytes())
    before[place : place + 16] = bytes(byte ^ 0xFF for byte in before[place : place + 16])
    file.write_bytes(before)
    store = Store(file)
    asked = [lambda: said(store), lambda: say(store, 1, 4_000), lambda: store.look(_all)]
    told = [_told(ask) for ask in asked]
    store.close()
    assert any(isinstance(one, Corrupt) for one in told)
    for one in told:
        assert one is None or str(one).startswith(f"{file}: is damaged (")


def test_a_file_that_is_none_of_ours_is_told(file: Path) -> None:
    file.write_bytes(b"The quick brown fox jumps over the lazy dog. " * 500)
    with opened(file) as store:
        for ask in (said, partial(say, who=1, n=1)):
            with pytest.raises(Corrupt, match="is damaged"):
                ask(store)


def test_damage_found_beside_others_is_told_to_all_of_them(store: Store) -> None:
    def damaged(db: sqlite3.Connection) -> None:
        raise _error(sqlite3.DatabaseError, sqlite3.SQLITE_CORRUPT)

    with waiting.crowd(store) as line:
        line.add(waiting.saying(1, 1))
        line.add(damaged)
    assert [type(one) for one in line.results.values()] == [Corrupt, Corrupt]
    assert said(store) == set()


def _all(db: sqlite3.Connection) -> object:
    return db.execute("SELECT * FROM said ORDER BY n").fetchall()


def _told(ask: object) -> Trouble | None:
    assert callable(ask)
    try:
        ask()
    except Trouble as trouble:
        return trouble
    return None


def _error(kind: type[sqlite3.Error], code: int) -> sqlite3.Error:
    error = kind("database disk image is malformed")
    error.sqlite_errorcode = code
    return error
