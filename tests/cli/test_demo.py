"""The demo is a test, and this is a test of the demo: it ends by itself, and says when it fails."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.demo import breaking, proving
from cli.demo.crowd import Crowd
from cli.demo.journey import journey
from local.asking import archived
from local.engine import engine
from local.service import asking
from tests.cli.desk import ROOT, ask, ask_outside
from tests.protocol.plant import Plant, plant


@pytest.mark.slow
def test_the_whole_journey_ends_by_itself_and_holds(tmp_path: Path) -> None:
    said = ask_outside("demo", "--json", "--domains", ROOT / "domains", cwd=tmp_path)
    assert said.code == 0, said.err
    found = said.data
    assert found["wrong"] == []
    assert found["ask"]["decided"] > 500
    assert found["ask"]["unlike"] == 0
    assert (found["ingest"]["lost"], found["ingest"]["double"]) == (0, 0)
    assert (found["break"]["parked"], found["break"]["left"]) == (1, 0)
    assert found["archive"]["events"] > found["ingest"]["facts"]
    assert found["prove"]["rows"] > 300
    assert (tmp_path / "demo" / "mainstem.json").is_file()


@pytest.mark.slow
def test_it_is_made_anew_each_time_and_takes_nothing_else_away(tmp_path: Path) -> None:
    theirs = tmp_path / "demo" / "thesis.txt"
    theirs.parent.mkdir()
    theirs.touch()
    said = ask_outside("demo", "--domains", ROOT / "domains", cwd=tmp_path)
    assert (said.code, theirs.is_file()) == (1, True)
    assert "holds other things" in said.err


def test_it_needs_its_applications_and_says_which(tmp_path: Path) -> None:
    from tests.cli.desk import SHOP, domains

    folder = domains(tmp_path, shop=SHOP)
    said = ask("demo", "--domains", folder, "--folder", tmp_path / "data")
    assert said.code == 2
    assert "users" in said.err


def proved(works: Plant) -> list[str]:
    archived(works.ports)
    return proving.proof(works.engine, []).wrong


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("DELETE FROM heads WHERE id = '7f2'", "live rows are not what its events amount to"),
        ("DELETE FROM intents WHERE place = 1", "effects follow from the events"),
    ],
)
def test_a_row_or_an_effect_that_is_not_there_is_noticed(
    tmp_path: Path, damage: str, noticed: str
) -> None:
    with plant(tmp_path / "data") as works:
        works.settle()
        Crowd(asking(works.ports), works.domains, 4).ask(journey())
        works.engine.catch_up()
        assert proved(works) == []
        with closing(sqlite3.connect(works.ports.folder.views.file)) as file, file:
            file.execute(damage)
        assert any(noticed in line for line in proved(works))


@pytest.mark.slow
def test_what_is_held_back_parks_its_aggregate_alone_and_is_repaired(tmp_path: Path) -> None:
    with plant(tmp_path / "data") as works:
        works.settle()
        crowd, broken = Crowd(asking(works.ports), works.domains, 4), breaking.Broken()
        crowd.ask(journey())
        breaking.held_back(works.ports, crowd, "7f2", broken)
        breaking.consumed(engine(works.ports, works.domains), broken)
        assert (broken.parked, broken.left) == (1, 0)
        assert broken.moved > 50
        assert proved(works) == []
