"""`mainstem ask DOMAIN`: what can be asked there."""

from __future__ import annotations

from pathlib import Path

from tests.cli.desk import ROOT, ask


def test_a_domain_says_what_can_be_asked(tmp_path: Path) -> None:
    said = ask("ask", "tickets", "--domains", ROOT / "domains", "--folder", tmp_path / "data")
    assert said.code == 0
    assert "  submit      title=…  (begins something new)\n" in said.out
    assert not (tmp_path / "data").exists()


def test_fields_that_may_be_left_out_stand_in_brackets_and_timers_are_not_asked() -> None:
    said = ask("ask", "meetups", "--json", "--domains", ROOT / "domains")
    found = {one["command"]: one for one in said.data["commands"]}
    assert found["draft"]["fields"] | {"title": True, "photo": False} == found["draft"]["fields"]
    assert "complete" not in found


def test_a_domain_that_is_not_there_is_told_with_its_nearest() -> None:
    said = ask("ask", "tickts", "--domains", ROOT / "domains")
    assert (said.code, "did you mean tickets?" in said.err) == (2, True)
