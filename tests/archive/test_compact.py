"""Compaction: every event once, as it was, in its place; and nothing of what can't be relied on."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from archive import duck as engines
from archive.compact import LOCK
from archive.duck import SCRATCH
from archive.increment import Conflict
from archive.places import ERRORS, RAW, TABLES
from mainstem._refusal import Unfit
from mainstem.discovery import Domain, discover
from mainstem.ports import Corrupt, Unavailable
from tests.archive.shelves import DAY_US, HOUR_US, NOON_US, TODAY, Archive, changed, sold
from tests.archive.test_facts import look
from tests.cli.desk import SHOP, domains
from tests.protocol.plant import domains as real

ASKS = (
    SHOP
    + """

from mainstem import Command, State


class Sell(Command[Sale], starts=True):
    what: str

    def decide(self, sale: Sale):
        yield Sold(what=self.what)
"""
)


def domain(tmp_path: Path, text: str = ASKS) -> Domain:
    return discover(domains(tmp_path, shop=text))["shop"]


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", {"shop": domain(tmp_path)})


def test_what_is_compacted_is_not_compacted_again(shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5), sold("a", 2, 6)], [sold("b", 1, 7)]))
    assert shop.compact() == 3
    assert shop.compact() == 0
    assert [(row["id"], row["version"], row["cents"]) for row in shop.rows("shop")] == [
        ("a", 1, 5), ("a", 2, 6), ("b", 1, 7),
    ]  # fmt: skip


def test_an_event_that_came_several_times_is_there_once(shop: Archive) -> None:
    one, other = shop.commits([sold("a", 1, 5)], [sold("a", 2, 6)])
    shop.keep(one, shop.again(one), other)
    assert shop.compact() == 2
    shop.keep(shop.again(one), *shop.commits([sold("a", 3, 7)]))
    assert shop.compact() == 1
    assert [row["version"] for row in shop.rows("shop")] == [1, 2, 3]


@pytest.mark.parametrize("compacted", [False, True])
def test_what_comes_again_and_differs_stops_it_and_both_are_shown(
    shop: Archive, compacted: bool
) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    if compacted:
        shop.compact()
    shop.keep(*shop.commits([sold("a", 1, 6)], [sold("b", 1, 7)]))
    for _ in range(2):  # it stays so
        with pytest.raises(Conflict, match="main/shop/a: two events with one identity") as told:
            shop.compact()
        assert "tea 5" in str(told.value)
        assert "tea 6" in str(told.value)
    with shop.table("shop") as table:
        assert (table is not None) == compacted


def test_what_comes_late_fills_its_hole(shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)], [sold("a", 3, 7)]))
    shop.compact()
    assert [one.what for one in shop.verify("shop").findings] == [
        "has 2 events up to version 3: there are holes"
    ]
    shop.keep(*shop.commits([sold("a", 2, 6)]))
    assert shop.compact() == 1
    assert shop.verify("shop").findings == ()


def test_a_record_lies_in_the_day_on_which_it_arrived(shop: Archive) -> None:
    late = NOON_US + 12 * HOUR_US - 1
    shop.keep(*shop.commits([sold("a", 1, 5)], at=late))
    both = shop.commits([sold("a", 2, 6)], [sold("b", 1, 7)], at=late)
    changed(shop.keep(*both), arrived=[late, late + 1])  # it straddles midnight
    assert shop.compact() == 3
    assert shop.files("shop") == {"2026-06-01": 1, "2026-06-02": 1}


@pytest.mark.slow
def test_a_day_that_is_over_is_one_run_in_order(shop: Archive) -> None:
    for n in range(1, 4):
        shop.keep(*shop.commits([sold("b", n, n)], [sold("a", n, n)]))
        shop.compact()
    assert shop.files("shop") == {TODAY: 3}
    shop.compact("2026-06-02")
    assert shop.files("shop") == {TODAY: 1}
    assert [(row["id"], row["version"]) for row in shop.rows("shop")] == [
        (id, n) for id in "ab" for n in range(1, 4)
    ]
    assert shop.verify("shop").findings == ()
    shop.keep(*shop.commits([sold("a", 4, 4)], at=NOON_US + DAY_US))
    assert shop.compact("2026-06-02") == 1


@pytest.mark.slow
def test_there_is_room_on_the_disk_for_what_memory_does_not_hold(
    shop: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "MEMORY_MB", 180)  # where nothing may spill, it fails
    long = [Random(n).randbytes(600).hex() for n in range(60_000)]
    many = [[sold(f"a{n % 997}", 1 + n // 997, n, what=what)] for n, what in enumerate(long)]
    shop.keep(*shop.commits(*many))
    assert shop.compact() == 60_000
    assert not any((shop.path / SCRATCH).iterdir())


def test_the_scratch_of_whoever_was_killed_goes(shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = shop.path / SCRATCH / f"{dead.pid}-1-compact-shop"
    left.mkdir(parents=True)
    shop.compact()
    assert not left.exists()


SPOILT: dict[str, Callable[[Path], object]] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "empty": lambda path: path.write_bytes(b""),
    "another": lambda path: changed(path, producer=None),
    "other": lambda path: changed(path, data=b"{}"),
    "nobody's": lambda path: changed(path, id=[None]),
    "no data": lambda path: changed(path, data=["{"]),
    "misplaced": lambda path: changed(path, arrived=NOON_US + HOUR_US),
}


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("cut", "is truncated, or no Parquet"),
        ("empty", "is truncated, or no Parquet"),
        ("another", "the column producer is missing"),
        ("other", "data is binary, not string"),
        ("misplaced", "lies in another hour"),
        ("nobody's", "an event of None lacks something"),
        ("no data", "an event of b lacks something, or its data is no JSON"),
    ],
)
def test_a_raw_object_that_can_not_be_relied_on_is_named_and_nothing_is_taken(
    shop: Archive, how: str, why: str
) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    bad = shop.keep(*shop.commits([sold("b", 1, 6)]))
    SPOILT[how](bad)
    with pytest.raises(Corrupt, match=f"{bad.name}: .*{why}"):
        shop.compact()
    assert not (shop.path / TABLES).exists()


def test_what_nobody_can_read_is_kept_beside(shop: Archive) -> None:
    good, torn = shop.commits([sold("a", 1, 5)], [sold("a", 2, 6)])
    shop.keep(good, torn._replace(data=torn.data[:-3]))
    (file,) = (shop.path / ERRORS).rglob("*.parquet")
    (row,) = pq.read_table(file).to_pylist()
    assert row["raw"] == torn.data[:-3]
    assert row["why"].startswith("bundle: it is not what its header says")
    assert shop.compact() == 1


def test_what_one_domain_meets_keeps_no_other_from_its_turn(tmp_path: Path) -> None:
    domains = {"shop": domain(tmp_path), "clicks": real()["clicks"]}
    archive = Archive(tmp_path / "archive", domains)
    archive.keep(*archive.commits([replace(sold("a", 1, 5), type="Lent")]))
    archive.keep(archive.facts(look("eve", "/1")))
    with pytest.raises(Unfit, match="Lent"):
        archive.compact()
    assert [row["page"] for row in archive.rows("clicks")] == ["/1"]


def test_a_full_disk_is_told_in_words(tmp_path: Path) -> None:
    with (
        pytest.raises(Unavailable, match=f"{tmp_path}: .*max_temp_directory_size"),
        engines.connection(tmp_path, "full") as duck,
    ):
        duck.execute("SET memory_limit = '50MB'; SET max_temp_directory_size = '1MB'")
        duck.execute("CREATE TABLE t AS SELECT range, random() r FROM range(20_000_000)")


def test_one_compacts_at_a_time(shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    with (shop.path / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Unavailable, match="another process compacts it now"):
            shop.compact()
    assert shop.compact() == 1


def test_an_archive_may_be_moved(shop: Archive, tmp_path: Path) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    shop.compact()
    moved = Archive(shop.path.rename(tmp_path / "elsewhere"), shop.domains, shop.sequence)
    moved.keep(*moved.commits([sold("a", 2, 6)]))
    assert moved.compact() == 1
    assert [row["version"] for row in moved.rows("shop")] == [1, 2]
    assert moved.verify("shop").findings == ()


def test_what_a_crash_left_behind_is_swept_once_it_is_old(shop: Archive) -> None:
    for n in (1, 2):
        shop.keep(*shop.commits([sold("a", n, 5)]))
        shop.compact()
    (data,) = (shop.path / TABLES / "shop_events" / "data").iterdir()
    known = set(data.iterdir())
    (old, young) = (data / f"{name}.parquet" for name in ("old", "young"))
    for one in (old, young):
        one.touch()
    for one in (old, *known):
        os.utime(one, (1, 1))
    shop.compact("2026-06-02")  # the files of yesterday's hours belong to older snapshots
    assert not old.exists()
    assert young.exists()
    assert known <= set(data.iterdir())


def broken(archive: Archive) -> Iterator[str]:
    for one in archive.verify("shop").findings:
        yield f"{Path(one.where).suffix} {one.what}"


@pytest.mark.slow
def test_whatever_is_lost_or_changed_is_found(shop: Archive) -> None:
    raw = shop.keep(*shop.commits(*([sold("a", n, n)] for n in range(1, 50))))
    shop.compact()
    (data,) = (shop.path / TABLES / "shop_events" / "data").rglob("*.parquet")
    assert list(broken(shop)) == []
    for file, gone, other in (
        (data, "is gone, and the table needs it", "is not what it was when it was written"),
        (raw, "is gone; raw objects stay for ever", "is not what it was when it was compacted"),
    ):
        whole = file.read_bytes()
        for place in (10, len(whole) // 2, len(whole) - 10):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
            assert list(broken(shop)) == [f".parquet {other}"]
        file.unlink()
        assert list(broken(shop)) == [f".parquet {gone}"]
        file.write_bytes(whole)
    assert list(broken(shop)) == []


COMPACTS = """
import sys
from pathlib import Path
from archive.compact import Compactor
from mainstem.discovery import discover
print("go", flush=True)
for one in Compactor(Path(sys.argv[1]), discover(sys.argv[2])).run("2026-06-03"):
    pass
"""


@pytest.mark.slow
def test_killed_at_any_moment_every_event_is_there_once(tmp_path: Path) -> None:
    place = domains(tmp_path, shop=ASKS)
    shop = Archive(tmp_path / "archive", discover(place))
    rng, killed = Random(7), 0
    for day in range(3):
        for hour in range(4):
            at, first = NOON_US + day * DAY_US, 1 + (day * 4 + hour) * 200
            many = [[sold(f"a{n % 9}", first + n // 9, n)] for n in range(1_800)]
            shop.keep(*shop.commits(*many, at=at))
            run = subprocess.Popen(
                [sys.executable, "-c", COMPACTS, shop.path, place], stdout=subprocess.PIPE
            )
            with run:
                assert run.stdout is not None
                run.stdout.readline()
                time.sleep(rng.random() * 0.8)
                run.send_signal(signal.SIGKILL)
            killed += run.returncode == -signal.SIGKILL
    shop.compact("2026-06-04")
    assert killed > 3
    assert shop.verify("shop") == ("shop", 12 * 1_800, 9, 3, ())


def test_a_copy_is_another_archive(shop: Archive, tmp_path: Path) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    shop.compact()
    copy = Archive(Path(shutil.copytree(shop.path, tmp_path / "copy")), shop.domains, 7)
    copy.keep(*copy.commits([sold("a", 2, 6)]))
    copy.compact()
    assert [row["version"] for row in shop.rows("shop")] == [1]
    assert (shop.path / RAW).is_dir()
