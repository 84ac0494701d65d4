"""A producer's log in a folder: whole frames, one process, and nothing guessed."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mainstem.ports import Corrupt, Unavailable, Unknown
from mainstem.protocol.drive import drive
from producers import log as logs
from producers.log import FileLog, segments, sources_in
from tests.contracts.log import EVERYTHING, LogContract, Opening, bundle, left, source

KILLED = """
import os, sys
from pathlib import Path
from mainstem.protocol.drive import drive
from producers.log import FileLog
from tests.contracts.log import bundle
log = FileLog(Path(sys.argv[1]))
for n in range(1, 1_000_000):
    drive(log.keep([bundle(n)]))
    print(n, flush=True)
"""


class TestLog(LogContract):
    @pytest.fixture
    def log(self, tmp_path: Path) -> Iterator[Opening]:
        opened = list[FileLog]()

        def opening() -> FileLog:
            for one in opened:
                one.close()
            opened.append(FileLog(tmp_path / "log"))
            return opened[-1]

        yield opening
        opened[-1].close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@contextmanager
def opened(folder: Path) -> Iterator[FileLog]:
    log = FileLog(folder)
    try:
        yield log
    finally:
        log.close()


def keep(log: FileLog, *numbers: int) -> None:
    for n in numbers:
        drive(log.keep([bundle(n)]))


def test_two_processes_never_have_it_at_once(folder: Path) -> None:
    with opened(folder), pytest.raises(Unavailable, match="another producer has this log"):
        FileLog(folder)
    with opened(folder):
        pass


@pytest.mark.slow
def test_killed_at_any_moment_it_has_all_that_was_promised(folder: Path) -> None:
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, encoding="utf-8"
        )
        with process:
            assert process.stdout is not None
            said = [int(process.stdout.readline()) for _ in range(20)]
            process.send_signal(signal.SIGKILL)
            said += [int(line) for line in process.stdout.read().splitlines()]
        with opened(folder) as log:
            found = drive(log.left(0, EVERYTHING))
            assert [one.n for one in found][: len(said)] == said
            drive(log.done(found))


@pytest.mark.parametrize("cut", [1, 5, 15, 16, 17, 40])
def test_a_tail_that_was_never_finished_is_cut_off(folder: Path, cut: int) -> None:
    with opened(folder) as log:
        keep(log, 1, 2)
    (*_, last) = segments(folder)
    os.truncate(last, last.stat().st_size - cut)
    with opened(folder) as log:
        assert left(log) == [1]
        assert log.cut > 0
        keep(log, 3)
    with opened(folder) as log:
        assert (left(log), log.cut) == ([1, 3], 0)


def test_a_tail_of_zeros_is_cut_off_as_well(folder: Path) -> None:
    with opened(folder) as log:
        keep(log, 1)
    (*_, last) = segments(folder)
    with last.open("ab") as file:
        file.write(bytes(4_096))
    with opened(folder) as log:
        assert (left(log), log.cut) == ([1], 4_096)


@pytest.mark.parametrize("place", ["head", "body"])
def test_damage_in_the_middle_stops_it_and_says_where(folder: Path, place: str) -> None:
    with opened(folder) as log:
        keep(log, 1, 2, 3)
    (*_, last) = segments(folder)
    data = bytearray(last.read_bytes())
    at = data.rindex(b"\xf1MS1", 0, data.rindex(b"\xf1MS1")) + (5 if place == "head" else 30)
    data[at] ^= 1
    last.write_bytes(data)
    with pytest.raises(Corrupt, match=r"0{11}1\.log: is damaged at byte \d+, and goes on at byte"):
        FileLog(folder)
    assert last.read_bytes() == bytes(data)


def test_damage_before_another_file_stops_it(folder: Path) -> None:
    for n in (1, 2):
        with opened(folder) as log:
            keep(log, n)
    first = segments(folder)[0]
    os.truncate(first, first.stat().st_size - 3)
    with pytest.raises(Corrupt, match="another file goes on after it"):
        FileLog(folder)


def test_segments_in_which_all_is_done_are_let_go(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SEGMENT_BYTES_MAX", 1_000)
    with opened(folder) as log:
        drive(log.keep([bundle(1)], source(7)))
        keep(log, *range(2, 100))
        many = len(segments(folder))
        assert many > 5
        drive(log.done(drive(log.left(0, EVERYTHING))))
        assert len(segments(folder)) == 1
        keep(log, 100)
    with opened(folder) as log:
        assert left(log) == [100]
        assert drive(log.sources()) == (source(7),)
    assert sources_in(folder) == (source(7),)


def test_how_far_files_were_read_is_seen_without_the_lock(folder: Path) -> None:
    with opened(folder) as log:
        drive(log.keep([bundle(1)], source(7)))
        assert sources_in(folder) == (source(7),)


def test_a_full_disk_is_told_and_nothing_is_promised(folder: Path) -> None:
    """A limit on the size of files stands for the disk."""
    with opened(folder) as log:
        keep(log, 1)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        size = segments(folder)[-1].stat().st_size
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, limits[1]))
            with pytest.raises(Unavailable, match=r"(File too large|the disk is full)"):
                keep(log, 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, before)
        assert left(log) == [1]
        keep(log, 3)
    with opened(folder) as log:
        assert left(log) == [1, 3]


def test_what_was_kept_is_kept_though_there_is_no_room_for_another_segment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SEGMENT_BYTES_MAX", 1)
    with opened(folder) as log:
        with monkeypatch.context() as full:
            full.setattr(logs, "synced", _full)
            keep(log, 1, 2)
            assert len(segments(folder)) == 1
        keep(log, 3)
        assert len(segments(folder)) == 2
        assert left(log) == [1, 2, 3]
    with opened(folder) as log:
        assert left(log) == [1, 2, 3]


def test_a_sync_that_fails_promises_nothing_and_ends_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder) as log:
        keep(log, 1)
        with monkeypatch.context() as failing:
            failing.setattr(os, "fdatasync", _full)
            with pytest.raises(Unknown, match="open this log anew"):
                keep(log, 2)
        with pytest.raises(Unavailable, match="this log was closed"):
            keep(log, 3)
    with opened(folder) as log:
        assert left(log)[:1] == [1]
        keep(log, 4)


def _full(_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
