"""Where Spark is not, or fails, somebody is told what to do; and nothing is written before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local.archiving import ARCHIVE
from local.rebuilding import Paused
from mainstem._refusal import Unfit
from mainstem.ports import Unavailable
from mainstem.protocol.drive import drive
from replay.engines import DUCKDB, ONE_MACHINE_BYTES_MAX, PYTHON, SPARK, engine_of
from replay.made import place_of
from replay.submit import VARIABLE, submit
from tests.local.rebuilds import TICKET, VISITOR, against, lively, of
from tests.protocol.plant import Plant, plant
from tests.spark.rebuilds import by_spark, left_behind, script

pytestmark = pytest.mark.slow

BRINGS = """while [ $# -gt 0 ]; do
    if [ "$1" = --rows ]; then at=$(dirname "${{2#file://}}"); mkdir "$at/rows" "$at/ends"; fi
    shift
done
{}
echo '{{"rows": 3, "ends": 3, "seconds": 1.5}}'
"""
NAMES = """shift
while [ $# -gt 0 ]; do
    case "$1" in
        --relation) ;;
        --events) cat "${2#file://}" >> names; echo >> names; echo "$2" >> names ;;
        *) echo "$2" >> names ;;
    esac
    shift 2
done
exit 1
"""
BEYOND = """echo 'org.apache.spark.SparkArithmeticException: [ARITHMETIC_OVERFLOW] long overflow.'
exit 1
"""


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "clicks") as made:
        made.settle()
        lively(made, tickets=3)
        yield made


def command(folder: Path, name: str, text: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_the_command_is_told_or_on_the_path_or_what_make_spark_brings(tmp_path: Path) -> None:
    (home := tmp_path / "home" / "bin").mkdir(parents=True)
    there = command(tmp_path, "spark-submit")
    ours = command(home, "spark-submit")
    command(tmp_path, "java", """echo 'openjdk version "17.0.1" 2021-10-19' >&2""")
    path = {"PATH": str(tmp_path)}
    told = submit({**path, VARIABLE: f"{there} --master yarn"}, home.parent)
    assert told.command == (str(there), "--master", "yarn")
    assert submit(path, home.parent).command == (str(there),)
    there.unlink()
    assert submit(path, home.parent).command[0] == str(ours)
    assert submit(path, home.parent).environ["PYSPARK_PYTHON"] == str(home / "python")


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ((), "`make spark` brings it, or MAINSTEM_SPARK names the command"),
        (("spark-submit",), "Spark needs Java 17, and java is missing: install it, or name"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, there: tuple[str, ...], why: str) -> None:
    for one in there:
        command(tmp_path, one)
    with pytest.raises(Unavailable, match=why):
        submit({"PATH": str(tmp_path)}, tmp_path / "home")


def test_a_java_that_is_too_old_is_told(tmp_path: Path) -> None:
    (home := tmp_path / "home" / "bin").mkdir(parents=True)
    command(home, "spark-submit")
    command(tmp_path, "java", """echo 'java version "1.8.0_402"' >&2""")
    with pytest.raises(Unavailable, match="Spark needs Java 17, and java is 1: "):
        submit({"PATH": str(tmp_path)}, home.parent)


def test_nothing_is_begun_where_spark_is_not(works: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "no-such-spark --master yarn")
    with pytest.raises(Unavailable, match="MAINSTEM_SPARK names no-such-spark, which is not here"):
        by_spark(works).start()
    assert len(drive(works.ports.generations.of(TICKET))) == 1
    assert left_behind(works) == []


def test_what_is_told_and_is_no_command_is_said_so() -> None:
    with pytest.raises(Unavailable, match="MAINSTEM_SPARK can't be read as a command: No closing"):
        submit({VARIABLE: 'spark-submit --name "of ours'})


def test_what_is_more_than_one_machine_should_fold_is_for_spark(works: Plant) -> None:
    ticket, sessions = (works.into(one).sink.state for one in (TICKET, "clicks.Sessions"))
    assert engine_of(ticket, ONE_MACHINE_BYTES_MAX) == DUCKDB
    assert engine_of(ticket, ONE_MACHINE_BYTES_MAX + 1) == SPARK
    assert engine_of(ticket, ONE_MACHINE_BYTES_MAX + 1, DUCKDB) == DUCKDB
    assert engine_of(sessions, ONE_MACHINE_BYTES_MAX + 1) == PYTHON
    with pytest.raises(Unfit, match=r"is a fold\(\) in Python, .* so Python folds it, and Spark"):
        by_spark(works, "clicks.Sessions").start()


def test_a_rebuild_goes_on_with_the_engine_that_it_began_with(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, tmp_path, "echo no room >&2; exit 1")
    with pytest.raises(Unavailable, match="Ticket by Spark: no room"):
        by_spark(works).start()
    with pytest.raises(Unavailable, match="no room"):
        of(works).start()
    with pytest.raises(Unfit, match="Spark folds generation 5; drop it first, or go on without"):
        replace(of(works), asked=DUCKDB).start()


@pytest.mark.parametrize(
    ("brought", "why"),
    [
        ("", "Ticket by Spark: it has made 3 rows, and 0 are there"),
        ("for one in rows ends; do echo torn > $at/$one/part-0.parquet; done", "rows: .*arquet"),
    ],
)
def test_what_a_command_has_not_brought_is_not_taken_for_made(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brought: str, why: str
) -> None:
    script(monkeypatch, tmp_path, BRINGS.format(brought))
    for _ in range(2):  # and the job is run once more
        with pytest.raises(Unavailable, match=why):
            by_spark(works).start()
    monkeypatch.delenv(VARIABLE)
    new = of(works).building()
    assert new is not None
    assert not place_of(works.ports.folder.path / ARCHIVE, new).exists()


def test_wherever_the_job_runs_names_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script(monkeypatch, tmp_path, NAMES)
    with plant(Path("data"), "tickets", "clicks") as works:
        works.settle()
        lively(works, tickets=1)
        with pytest.raises(Unavailable):
            by_spark(works, VISITOR).start()
    named = (tmp_path / "names").read_text("utf-8").split()
    assert len(named) == 9
    assert [one for one in named if not one.startswith(f"file://{tmp_path}/data/archive/")] == []


def test_one_that_is_asked_to_pause_ends_its_job(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = tmp_path / "number"
    script(monkeypatch, tmp_path, f"echo $$ > {number}; exec sleep 1000")

    def pause(_: object) -> None:
        one = of(works).building()
        assert one is not None
        of(works).pause(one)

    with pytest.raises(Paused):
        replace(by_spark(works), told=pause).start()
    if number.is_file():  # it may have been ended before it said anything
        with pytest.raises(ProcessLookupError):
            os.kill(int(number.read_text()), 0)


def test_values_that_spark_can_not_fold_are_left_to_duckdb(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(monkeypatch, tmp_path, BEYOND)
    new = by_spark(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert at.engine == DUCKDB
    assert against(works, new).clean
    assert left_behind(works) == []
