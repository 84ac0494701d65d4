"""Reading pages: what a caller may read, however much of the rest lies between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest

from edge.caller import Caller
from local.clock import WallClock
from local.rows import Rows
from mainstem import Forbidden
from mainstem._mark import Index
from mainstem.ports import Listed, Place
from mainstem.protocol.drive import drive
from queries.reader import ROWS_PER_STEP_MIN, SCANNED_ROWS_MAX, Behind, Building, Page
from queries.shown import shown
from tests.queries.shelf import Pot, Shelf, shelf

ANN, BOB = Caller("ann"), Caller("bob")


@pytest.fixture(scope="module")
def pots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Many of bob's, and here and there one of ann's."""
    with shelf(tmp_path_factory.mktemp("pots") / "folder") as one:
        for n in range(SCANNED_ROWS_MAX + 200):
            one.put(f"pot {n:04}", "ann" if n % 600 == 0 else "bob", n)
        yield one


def page(pots: Shelf, caller: Caller, limit: int, after: object = None) -> Page:
    index = Pot.__marks__["most_first"]
    assert isinstance(index, Index)
    assert after is None or isinstance(after, Place)
    return drive(pots.reader.listed(pots.sink, index, caller, "[]", after, limit))


def test_a_page_is_full_where_there_is_enough(pots: Shelf) -> None:
    first = page(pots, BOB, 3)
    assert [seen.id for seen in first.rows] == ["pot 1199", "pot 1198", "pot 1197"]
    second = page(pots, BOB, 3, first.next)
    assert [seen.id for seen in second.rows] == ["pot 1196", "pot 1195", "pot 1194"]


def test_only_so_many_rows_are_looked_at_for_one_page(pots: Shelf) -> None:
    first = page(pots, ANN, 5)
    assert [seen.id for seen in first.rows] == ["pot 0600"]
    last = page(pots, ANN, 5, first.next)
    assert ([seen.id for seen in last.rows], last.next) == (["pot 0000"], None)


class Counted(Rows):
    """Counts how often it is asked for a part of a list."""

    asked = 0

    async def list(self, *which: Any) -> tuple[Listed, ...]:
        self.asked += 1
        return await super().list(*which)


def test_a_page_of_one_is_not_looked_for_row_by_row(pots: Shelf) -> None:
    rows = Counted(pots.ports.folder.views)
    index = Pot.__marks__["most_first"]
    assert isinstance(index, Index)
    reader = replace(pots.reader, rows=rows)
    page = drive(reader.listed(pots.sink, index, ANN, "[]", None, 1))
    assert [seen.id for seen in page.rows] == ["pot 0600"]
    assert rows.asked <= 2 + SCANNED_ROWS_MAX // ROWS_PER_STEP_MIN


class Hurried(WallClock):
    """Nobody sleeps by it."""

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("there was no time to wait")


def test_who_comes_when_enough_are_waiting_is_told_at_once(pots: Shelf) -> None:
    waits = BoundedSemaphore(1)
    reader = replace(pots.reader, clock=Hurried(), wait_s_max=60.0, waits=waits)
    assert waits.acquire(blocking=False)
    with pytest.raises(Behind, match="version 1"):
        drive(reader.row(pots.sink, ANN, "pot 0600", version=2))
    waits.release()
    with pytest.raises(AssertionError, match="no time"):
        drive(reader.row(pots.sink, ANN, "pot 0600", version=2))
    assert waits.acquire(blocking=False)  # whatever happened, the next may wait


def test_whoever_did_not_sign_in_reads_nothing(pots: Shelf) -> None:
    with pytest.raises(Forbidden):
        page(pots, Caller(), 5)


def test_a_row_is_shown_whole_and_in_words(pots: Shelf) -> None:
    seen = drive(pots.reader.row(pots.sink, ANN, "pot 0600"))
    row = shown(seen)
    assert row["id"] == "pot 0600"
    assert row["changed_at"] == "1970-01-01T00:00:00.000600Z"
    assert (row["until"], row["teas"], row["guests"], row["brews"]) == (None, [], {}, [])
    assert "_hidden" not in row


def test_moments_inside_lists_and_rows_are_written_as_moments(pots: Shelf) -> None:
    cells = {
        "version": 1, "changed_at": 1, "brews": [2, 1],
        "guests": {"green": {"version": 1, "changed_at": 1, "since": 1}},
    }  # fmt: skip
    seen = drive(pots.reader.row(pots.sink, ANN, "pot 0600"))
    row = shown(seen._replace(row=Pot(id="pot 0600", cells=cells)))
    assert row["brews"] == ["1970-01-01T00:00:00.000002Z", "1970-01-01T00:00:00.000001Z"]
    assert row["guests"]["green"]["since"] == "1970-01-01T00:00:00.000001Z"


def test_rows_of_other_code_are_not_shown(tmp_path: Path) -> None:
    with shelf(tmp_path / "folder") as pots:
        other = drive(pots.ports.generations.start(pots.sink.name, "other folds", 2))
        assert drive(pots.ports.generations.promote(other, pots.generation, 2))
        with pytest.raises(Building):
            drive(pots.reader.row(pots.sink, ANN, "pot 0600"))
