"""What follows from the journal comes back when it is lost; ahead of it, it is not believed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domains.tickets import Comment, Submit, Watch
from local.locks import UP, held
from local.renew import renew
from mainstem.ports import Corrupt, Unavailable
from mainstem.protocol.drive import drive
from tests.protocol.plant import Plant, plant

VIEW = "tickets.Ticket"
NOW_US = -60_000_000


def furnished(folder: Path) -> list[object]:
    with plant(folder, "tickets", "clicks") as works:
        for id in "abc":
            works.ask("tickets", Submit(title="It burns"), id)
            works.ask("tickets", Watch(address="desk@example.com"), id)
            works.ask("tickets", Comment(text="still"), id)
        works.facts(("v1", "Viewed", {"page": "/", "ms": 1}))
        works.engine.catch_up()
        works.engine.audit(age_us=NOW_US)
        return rows(works)


def rows(works: Plant) -> list[object]:
    return [*works.shown(VIEW), *works.shown("clicks.Visitor")]


def words(works: Plant) -> list[str]:
    generation = works.into(VIEW).generation
    return [
        hit.id
        for hit in drive(works.ports.search.find(generation, "main", "words", "burns", "", 9))
    ]


@pytest.mark.parametrize("lost", ["views.db", "search.db", "both"])
def test_a_file_that_follows_comes_back_from_the_journal(tmp_path: Path, lost: str) -> None:
    folder = tmp_path / "data"
    before = furnished(folder)
    for name in ("views.db", "search.db") if lost == "both" else (lost,):
        for file in folder.glob(f"{name}*"):
            file.unlink()
    renew(folder)
    with plant(folder, "tickets", "clicks") as works:
        works.engine.catch_up()
        assert rows(works) == before
        assert sorted(words(works)) == list("abc")
        works.ask("tickets", Comment(text="again"), "a")
        works.engine.catch_up()
        assert works.shown(VIEW) == works.expected(VIEW)


def test_what_was_there_is_put_aside_and_not_thrown_away(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    furnished(folder)
    for aside in renew(folder):
        with closing(sqlite3.connect(aside)) as file:
            assert file.execute("PRAGMA quick_check").fetchone() == ("ok",)


def test_nothing_is_renewed_under_somebody_at_work(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    furnished(folder)
    with held(folder, UP) as mine:
        assert mine is not None
        with pytest.raises(Unavailable, match="somebody is at work"):
            renew(folder)


def test_an_older_journal_beside_newer_rows_is_refused_until_they_are_renewed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "data"
    furnished(folder)
    copied = tmp_path / "copy"
    copied.mkdir()
    with closing(sqlite3.connect(folder / "journal.db")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(folder / "journal.db", copied)
    with plant(folder, "tickets", "clicks") as works:
        works.ask("tickets", Comment(text="since the copy was made"), "a")
        works.engine.catch_up()
        works.engine.audit(age_us=NOW_US)
    for old in folder.glob("journal.db*"):
        old.unlink()
    shutil.copy(copied / "journal.db", folder)
    with plant(folder, "tickets", "clicks") as works, pytest.raises(Corrupt, match="is ahead of"):
        works.settle()
    renew(folder)
    with plant(folder, "tickets", "clicks") as works:
        works.engine.catch_up()
        assert works.shown(VIEW) == works.expected(VIEW)
        assert works.version(VIEW, "a") == 3
