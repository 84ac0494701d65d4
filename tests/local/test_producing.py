"""Facts into a folder: stored first, published by whoever has the log, shown once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local import producing as folders
from local.producing import LOGS, LeftBehind, Way, producing, there
from mainstem.ports import Corrupt, Unavailable
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Fact
from mainstem.protocol.lanes import RESEND_AGE_US_MAX
from producers import forwarding
from producers.forwarding import Behind
from producers.ingest import Ack
from producers.log import FileLog, segments
from tests.cli.desk import DOMAINS, command, surroundings
from tests.protocol.faults import BEFORE, Faulty, always
from tests.protocol.plant import NOON_US, Plant, fact, plant

VIEW = "clicks.Visitor"
A_WHILE_S = 30.0
A_MINUTE_US = 60_000_000
SENDS = """
import sys
from pathlib import Path
from local.producing import producing
from tests.local.test_producing import looks
from tests.protocol.plant import plant
with plant(Path(sys.argv[1]), "clicks") as works, producing(works.ports) as forwarder:
    for n in range(1_000_000):
        forwarder.keep(looks(1, first=n))
        print(n, flush=True)
"""


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "clicks") as made:
        made.settle()
        yield made


def looks(many: int, first: int = 0) -> list[Fact]:
    """So many looks of a few visitors."""
    return [
        fact("clicks", f"v{n % 7}", "Viewed", NOON_US + n, "shop", {"page": f"/{n}", "ms": 1})
        for n in range(first, first + many)
    ]


def shown(works: Plant) -> int:
    works.engine.catch_up()
    return sum(works.version(VIEW, f"v{n}") for n in range(7))


def test_what_is_kept_is_published_and_shown_once(works: Plant) -> None:
    with producing(works.ports) as forwarder:
        forwarder.keep(looks(500))
        assert forwarder.flush(A_WHILE_S)
        assert forwarder.published == 500
    assert shown(works) == 500


def test_two_at_once_have_a_log_each(works: Plant) -> None:
    with producing(works.ports) as one, producing(works.ports) as other:
        one.keep(looks(50))
        other.keep(looks(50, first=50))
        assert one.flush(A_WHILE_S)
        assert other.flush(A_WHILE_S)
    assert sorted(log.name for log in (works.ports.folder.path / LOGS).iterdir()) == ["0", "1"]
    assert shown(works) == 100


@pytest.mark.slow
def test_killed_at_any_moment_all_that_was_stored_is_shown_once(
    works: Plant, tmp_path: Path
) -> None:
    said = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", SENDS, str(tmp_path / "data")], stdout=subprocess.PIPE,
            encoding="utf-8",
        )  # fmt: skip
        with process:
            assert process.stdout is not None
            heard = [process.stdout.readline() for _ in range(30)]
            process.send_signal(signal.SIGKILL)
            heard += process.stdout.read().splitlines()
        said += len(heard)
    with producing(works.ports) as forwarder:
        assert forwarder.flush(A_WHILE_S)
    # One more of each process at most: kept, and never said.
    assert said <= shown(works) <= said + 3


def test_whoever_is_up_brings_what_was_left_behind(works: Plant) -> None:
    rung: list[bool] = []
    behind = LeftBehind(works.ports, lambda: rung.append(True))
    assert behind.bring() == 0
    with producing(works.ports) as forwarder:
        forwarder._kept(looks(20), None)  # kept, and not on its way
        assert behind.bring() == 0  # somebody has it
    assert behind.bring() == 20
    assert rung
    before = sorted((works.ports.folder.path / LOGS / "0").iterdir())
    assert behind.bring() == 0
    assert sorted((works.ports.folder.path / LOGS / "0").iterdir()) == before
    assert shown(works) == 20


def test_one_log_that_is_damaged_keeps_no_other_waiting(works: Plant) -> None:
    with producing(works.ports) as one, producing(works.ports) as other:
        one._kept(looks(20), None)
        other._kept(looks(20, first=20), None)
    (first, *_) = segments(works.ports.folder.path / LOGS / "0")
    first.write_bytes(b"?" + first.read_bytes()[1:])
    with pytest.raises(Corrupt, match="is damaged at byte 0"):
        LeftBehind(works.ports).bring()
    assert shown(works) == 20


def test_what_did_not_get_there_in_time_is_tried_again(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "FLUSH_S_MAX", 0.05)
    with producing(works.ports) as forwarder:
        forwarder._kept(looks(20), None)
    away: Any = Faulty(works.ports.feed, always("put", BEFORE))
    behind = LeftBehind(replace(works.ports, feed=away))
    assert behind.bring() == 0
    behind.ports = works.ports
    assert behind.bring() == 20


def test_what_is_old_is_looked_for_on_the_feed(works: Plant) -> None:
    with producing(works.ports) as forwarder:
        forwarder.keep(looks(20))
        assert forwarder.flush(A_WHILE_S)
        new = forwarder._kept(looks(20, first=20), None)  # kept, and not on its way
    sent = [one._replace(n=one.n - 1, at=one.at - A_MINUTE_US) for one in new]
    assert there(works.ports.feed, sent) == [True] * len(sent)
    assert there(works.ports.feed, new) == [False] * len(new)


def test_bundles_that_were_left_for_hours_are_sent_once(works: Plant) -> None:
    log = FileLog(works.ports.folder.path / LOGS / "0")
    with producing(works.ports) as forwarder:
        old = forwarder._kept(looks(20), None)
    long_ago = [one._replace(at=one.at - 2 * RESEND_AGE_US_MAX) for one in old]
    drive(log.keep(long_ago))
    log.close()
    with producing(works.ports) as forwarder:
        assert forwarder.flush(A_WHILE_S)
    with producing(works.ports) as forwarder:
        assert forwarder.flush(A_WHILE_S)
    assert shown(works) == 20


@pytest.mark.slow
def test_up_shows_what_was_left_behind(works: Plant, tmp_path: Path) -> None:
    with producing(works.ports) as forwarder:
        forwarder._kept(looks(20), None)  # kept, and its process ended
    words = command("up", "--port", "0", "--folder", tmp_path / "data", "--domains", DOMAINS)
    up = subprocess.Popen(words, env=surroundings(), encoding="utf-8", stdout=subprocess.PIPE)
    with up:
        assert up.stdout is not None
        assert up.stdout.readline().startswith("up: ")
        until = time.monotonic() + A_WHILE_S
        while sum(works.version(VIEW, f"v{n}") for n in range(7)) < 20:
            assert time.monotonic() < until, "they never came"
            time.sleep(0.05)
        up.send_signal(signal.SIGINT)
        assert up.wait() == 0


def test_what_is_sent_over_http_is_told_what_was_promised(works: Plant) -> None:
    way = Way(works.ports)
    try:
        assert way.send(looks(3), Ack.PUBLISHED) == [Ack.PUBLISHED] * 3
        assert way.send(looks(2, first=3), Ack.STORED) == [Ack.STORED] * 2
    finally:
        way.close()
    with producing(works.ports) as forwarder:
        assert forwarder.flush(A_WHILE_S)
    assert shown(works) == 5


def test_where_the_feed_takes_long_it_is_stored(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "PATIENCE_S", 0.05)
    away: Any = Faulty(works.ports.feed, always("put", BEFORE))
    way = Way(replace(works.ports, feed=away))
    try:
        assert way.send(looks(3), Ack.PUBLISHED) == [Ack.STORED] * 3
        monkeypatch.setattr(way._taken(), "bytes_max", 1)
        with pytest.raises(Behind, match="the feed is behind"):
            way.send(looks(3), Ack.PUBLISHED)
    finally:
        way.close()
    with producing(works.ports) as forwarder:
        assert forwarder.flush(A_WHILE_S)
    assert shown(works) == 3


def test_a_way_that_has_broken_is_left_for_another(works: Plant) -> None:
    way = Way(works.ports)
    try:
        way.send(looks(3), Ack.PUBLISHED)
        broken = way._taken()
        log: Any = broken.log
        log._file.close()  # as after a sync that failed
        with pytest.raises(Unavailable, match="this log was closed"):
            way.send(looks(3, first=3), Ack.STORED)
        assert way.send(looks(3, first=3), Ack.PUBLISHED) == [Ack.PUBLISHED] * 3
        assert way._taken() is not broken
    finally:
        way.close()
    assert shown(works) == 6
