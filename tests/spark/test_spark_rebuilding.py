"""A view rebuilt by Spark: loaded, brought up, read; what DuckDB builds is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domains.tickets import Rename, Submit
from local import hands, rebuilding
from local.promoting import Promoting
from mainstem.protocol.rebuild import Step
from replay.diff import diff
from replay.engines import DUCKDB, SPARK
from tests.house.tree import ROOT
from tests.local.rebuilds import TICKET, VISITOR, against, lively, of, unarchived
from tests.local.test_rebuilding_rows import alike, table_of
from tests.protocol.plant import Plant, plant
from tests.spark.rebuilds import HALF, MESSAGE, busy, by_spark, left_behind, real, script

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spark", "in_small_parts")]


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuilding, "EVENTS_A_PART", 7)
    real(monkeypatch)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "clicks", "channels") as made:
        made.settle()
        yield made


@pytest.mark.parametrize("sink", [TICKET, MESSAGE, VISITOR, "clicks.Product"])
def test_what_spark_builds_is_read_and_is_what_duckdb_builds(works: Plant, sink: str) -> None:
    busy(works)
    new = by_spark(works, sink).start()
    at = of(works, sink).stands(new)
    assert at is not None
    assert (at.engine, at.done.dirty, len(at.parts) > 1) == (SPARK, 0, True)
    found = against(works, new, sink)
    assert found.clean
    assert found.same == len(works.shown(sink)) > 0
    assert left_behind(works) == []
    assert alike(works, sink) == found.same  # finished rows, of the same job
    Promoting(of(works, sink)).promote()
    lively(works, tickets=2, first=20)
    other = replace(of(works, sink), asked=DUCKDB).start()
    again = diff(works.into(sink).sink, works.ports.rows, new, other)
    assert again.clean
    assert again.same == len(works.shown(sink))


@pytest.mark.parametrize("sink", [MESSAGE, VISITOR])
def test_several_processes_load_what_spark_has_made(
    works: Plant, sink: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(works)
    monkeypatch.setattr(hands, "ALONE_EVENTS_MAX", 0)
    monkeypatch.setattr(hands, "cores", lambda: 2)
    new = by_spark(works, sink).start()
    at = of(works, sink).stands(new)
    assert at is not None
    assert (at.engine, at.done.dirty) == (SPARK, 0)
    found = against(works, new, sink)
    assert found.clean
    assert found.same == alike(works, sink) == len(works.shown(sink)) > 0


def test_what_the_archive_lacks_comes_from_the_journal(works: Plant) -> None:
    lively(works, tickets=3)
    unarchived(works)
    for n in range(3):
        works.ask("tickets", Rename(title="Fire"), f"t{n}")
    works.ask("tickets", Submit(title="All of it is there"), "whole")
    works.engine.catch_up()
    new = by_spark(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert at.done.dirty == 3
    assert against(works, new).clean
    rows = table_of(works, works.into(TICKET).sink.state)
    assert rows is not None
    assert rows.rows == 4  # those of the journal as well


def test_what_one_job_has_made_is_loaded_by_whoever_goes_on(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works)
    with pytest.raises(Stopped):
        replace(by_spark(works), told=_stop_in_the_second_part).start()
    assert len(left_behind(works)) == 1
    script(monkeypatch, tmp_path, "exit 1")  # no job is run any more
    new = of(works).start()
    assert against(works, new).clean
    assert left_behind(works) == []


def test_what_was_made_half_is_made_again(
    works: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lively(works)
    script(monkeypatch, tmp_path, HALF)
    place = works.ports.folder.path
    asked = ["rebuild", "start", "ticket", "--engine", "spark", "--folder", str(place)]
    ended = subprocess.run([sys.executable, "-m", "cli", *asked], cwd=ROOT, env=os.environ)  # noqa: PLW1510
    assert ended.returncode == -signal.SIGKILL
    assert len(left_behind(works)) == 1
    real(monkeypatch)
    new = of(works).start()
    at = of(works).stands(new)
    assert at is not None
    assert (at.engine, at.step) == (SPARK, Step.READY)
    assert against(works, new).clean
    assert left_behind(works) == []


class Stopped(Exception):
    """Here its process was ended."""


def _stop_in_the_second_part(standing: Any) -> None:
    if standing.part == 1:
        raise Stopped
