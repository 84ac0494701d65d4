"""The demo is a test, and this is a test of the demo: it ends by itself, and says when it fails."""

from __future__ import annotations

import re
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cli.demo import breaking, command, proving
from cli.demo.archiving import Archived
from cli.demo.comparing import Compared
from cli.demo.crowd import Crowd, Tally
from cli.demo.ingesting import Ingested
from cli.demo.journey import journey
from cli.demo.picture import Bar, Panel, chart
from cli.demo.rebuilding import Rebuilt
from cli.session import Session
from local.asking import archived
from local.engine import engine
from local.service import asking
from tests.cli.desk import ROOT, ask, ask_outside
from tests.protocol.plant import Plant, plant

SVG = "{http://www.w3.org/2000/svg}"


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
    assert found["rebuild"]["compared"]["alike"] is True
    assert found["rebuild"]["compared"]["events"] == found["ingest"]["facts"]
    assert (tmp_path / "demo" / "mainstem.json").is_file()
    assert found["pictures"] == ["demo/rebuild.svg", "demo/diff.html"]
    shown = "".join(ET.fromstring((tmp_path / "demo" / "rebuild.svg").read_text()).itertext())
    assert numbers_of(found) <= set(re.findall(r"[\d,.]*\d", shown))
    page = (tmp_path / "demo" / "diff.html").read_text("utf-8")
    assert page.count("<del>&#x27;low&#x27;</del>") == found["rebuild"]["different"] > 0


def test_the_readme_shows_the_lines_that_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    told = command.Told(Session())
    command._asked(told, Tally(seconds=1.0))
    command._ingested(told, Ingested())
    command._broke(told, breaking.Broken(parked=1, held="tickets/7f2"))
    command._archived(told, Archived())
    command._rebuilt(told, Rebuilt(columns=["priority"]), Compared(alike=True))
    readme = (ROOT / "README.md").read_text("utf-8")
    block = next(one for one in readme.split("```") if "1 ask " in one)
    shown = [re.escape(line).replace("…", ".*") for line in block.splitlines()[1:]]
    said = capsys.readouterr().out.splitlines()
    for line, pattern in zip(said, shown, strict=False):
        assert re.fullmatch(pattern, line), line
    assert told.wrong == []


def test_what_does_not_hold_is_a_failing_line() -> None:
    told = command.Told(Session(json=True))
    command._rebuilt(told, Rebuilt(columns=["mood", "priority"]), Compared(one_by_one_s=2, sql_s=1))
    assert told.wrong == [
        "0 of 0 rows differ, in priority alone", "2.0 times as long, for the same rows",
    ]  # fmt: skip


def numbers_of(found: Any) -> set[str]:
    """What the chart has to show of what was told."""
    small, quick = found["archive"], found["rebuild"]["compared"]
    sizes = (small[name] / small["events"] for name in ("plain", "zipped", "bytes"))
    rates = (quick["events"] / quick[name] for name in ("sql_s", "one_by_one_s"))
    return {f"{small['events']:,}", *(f"{n:.1f}" for n in sizes), *(f"{n:,.0f}" for n in rates)}


def test_a_chart_is_sound_whatever_it_is_about() -> None:
    bars = [Bar("a < b & c", 0, "nothing"), Bar("all", 0, "0", True)]
    root = ET.fromstring(chart("<less>", [Panel("x > y", bars)], ["a note"]))
    assert [one.text for one in root.iter(f"{SVG}text")][:3] == ["<less>", "x > y", "a < b & c"]
    assert all(float(one.attrib["width"]) > 0 for one in root.iter(f"{SVG}rect"))


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
