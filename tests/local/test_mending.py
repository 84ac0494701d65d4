"""Rows that are mended where they stand, one aggregate at a time, and keyed rows compared."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domains.channels import Create, Join, Send
from local.archiving import ARCHIVE, Archiver
from mainstem.protocol.consume import Into
from mainstem.protocol.loading import silent
from replay import partial as mending
from replay import some
from replay.diff import diff
from replay.partial import Mended, mended
from replay.some import of_id
from tests.local.rebuilds import of
from tests.protocol.plant import Plant, plant

pytestmark = pytest.mark.slow

MESSAGE = "channels.Message"
ONE = "rowid = (SELECT rowid FROM rows WHERE generation = ? AND id = ? ORDER BY key {} LIMIT 1)"
SPOILS = (
    f"DELETE FROM rows WHERE {ONE.format('DESC')}",
    f"INSERT INTO rows SELECT generation, tenant, id, 'zz', cells FROM rows WHERE {ONE.format('')}",
    f"UPDATE rows SET cells = json_set(cells, '$.text', 'No') WHERE {ONE.format('')}",
)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "channels") as made:
        made.settle()
        for id in ("a", "b"):
            for command in (Create(name=id), Join()):
                made.ask("channels", command, id)
            said(made, id, 5)
        yield made


def said(works: Plant, id: str, many: int) -> None:
    for n in range(many):
        works.ask("channels", Send(text=f"{id} {n}"), id)
    works.engine.catch_up()


def spoilt(works: Plant, id: str) -> None:
    """One row is gone, one is there that nobody has said, and one says something else."""
    number = works.into(MESSAGE).generation.number
    with works.ports.folder.views.together():
        for text in SPOILS:
            works.ports.folder.views.write(partial(_run, text, number, id))


def _run(text: str, number: int, id: str, db: sqlite3.Connection) -> None:
    db.execute(text, (number, id))


def mend(works: Plant, into: Into | None = None, *, write: bool = True) -> Mended:
    archive = works.ports.folder.path / ARCHIVE
    return mended(archive, silent(into or works.into(MESSAGE)), of_id("a"), write=write)


def test_every_row_of_an_aggregate_is_mended_however_many_there_are(
    works: Plant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(some, "KEYS_A_PAGE", 2)
    Archiver(works.ports).catch_up()
    right = works.expected(MESSAGE)
    for id in ("a", "b"):
        spoilt(works, id)
    wrong = works.shown(MESSAGE)
    assert mend(works, write=False) == Mended(1, 7, 1)
    assert works.shown(MESSAGE) == wrong
    assert mend(works) == Mended(1, 7, 1)
    assert mend(works) == Mended(1, 7, 0)
    mine, others = ([one for one in works.shown(MESSAGE) if one["id"] == id] for id in ("a", "b"))
    assert mine == [one for one in right if one["id"] == "a"]
    assert others == [one for one in wrong if one["id"] == "b"]


def test_what_the_archive_does_not_have_yet_is_not_mended(works: Plant) -> None:
    Archiver(works.ports).catch_up()
    said(works, "a", 1)
    spoilt(works, "a")
    wrong = works.shown(MESSAGE)
    left = ("channels/a: the archive ends at version 7 of 8",)
    assert mend(works) == Mended(1, 7, 0, left)
    assert works.shown(MESSAGE) == wrong


class Beaten:
    """Rows that somebody else has always written first, so many times."""

    def __init__(self, works: Plant, times: int) -> None:
        self._works, self._left = works, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._works.ports.rows, name)

    async def write(self, *given: Any) -> bool:
        if self._left:
            self._left -= 1
            return False
        return await self._works.ports.rows.write(*given)


@pytest.mark.parametrize("times", [1, mending.TRIES_MAX - 1, mending.TRIES_MAX])
def test_who_was_beaten_looks_again_a_few_times(works: Plant, times: int) -> None:
    Archiver(works.ports).catch_up()
    spoilt(works, "a")
    found = mend(works, replace(works.into(MESSAGE), rows=Beaten(works, times)))
    if times < mending.TRIES_MAX:
        assert found == Mended(1, 7, 1)
    else:
        assert found == Mended(1, 7, 0, ("channels/a: others wrote it all the time",))


def test_rows_that_are_only_there_once_are_told_with_what_they_say(works: Plant) -> None:
    old, new = works.into(MESSAGE), of(works, MESSAGE).start()
    spoilt(works, "a")
    said(works, "b", 1)
    found = diff(old.sink, works.ports.rows, old.generation, new)
    assert (found.same, found.different, found.on_their_way) == (3, 1, 6)
    assert (found.only_before, found.only_after, found.clean) == (1, 1, False)
    assert [one for one in found.examples if one.key == "zz"] == [found.examples[-1]]
    assert found.examples[-1].columns["text"] == ("a 0", None)
    assert any(one.columns["text"] == (None, "a 4") for one in found.examples)
    assert found.beyond({"text"})


def test_the_other_way_round_it_is_the_other_one_that_has_them(works: Plant) -> None:
    old, new = works.into(MESSAGE), of(works, MESSAGE).start()
    spoilt(works, "a")
    found = diff(old.sink, works.ports.rows, new, old.generation)
    assert (found.same, found.different, found.only_before, found.only_after) == (8, 1, 1, 1)
    assert found.examples[-1].columns["text"] == (None, "a 0")
