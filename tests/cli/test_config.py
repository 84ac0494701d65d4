"""`mainstem config`: every setting, and where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import ask


def test_what_nobody_said_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAINSTEM_FOLDER", raising=False)
    data = ask("config", "--json").data
    assert data["folder"] == {"value": str(tmp_path / "data"), "from": "default"}
    assert data["domains"] == {"value": str(tmp_path / "domains"), "from": "default"}
    assert data["json"] == {"value": "true", "from": "option --json"}
    assert data["yes"] == {"value": "false", "from": "default"}
    assert data["port"]["value"] == "8400"
    assert not (tmp_path / "data").exists()


def test_a_variable_gives_way_to_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTEM_FOLDER", "/srv/shop")
    said = ask("config")
    assert (said.code, said.err) == (0, "")
    assert "folder   /srv/shop" in said.out
    assert "variable MAINSTEM_FOLDER\n" in said.out
    data = ask("config", "--folder", "/srv/other", "--json").data
    assert data["folder"] == {"value": "/srv/other", "from": "option --folder"}


def test_it_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINSTEM_DEBUG", "1")
    lines = ask("config", "--domains", "/srv/domains").out.splitlines()
    assert lines[0].split() == ["SETTING", "VALUE", "FROM"]
    assert any(line.split() == ["debug", "true", "variable", "MAINSTEM_DEBUG"] for line in lines)
    assert any(line.split()[-2:] == ["option", "--domains"] for line in lines)


def test_the_command_that_runs_spark_may_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAINSTEM_SPARK", raising=False)
    assert ask("config", "--json").data["spark"] == {"value": "spark-submit", "from": "default"}
    monkeypatch.setenv("MAINSTEM_SPARK", "ours --quick")
    found = ask("config", "--json").data["spark"]
    assert found == {"value": "ours --quick", "from": "variable MAINSTEM_SPARK"}


def test_what_is_no_setting_is_wrong_usage() -> None:
    assert ask("config", "folder").code == 2
