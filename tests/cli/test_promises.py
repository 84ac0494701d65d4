"""The domains of this repository keep what was promised of their stored events."""

from __future__ import annotations

import pytest

from tests.cli.desk import ROOT, ask

RECORDED = sorted(file.stem for file in (ROOT / "domains" / "schemas").glob("*.json"))


@pytest.mark.parametrize("name", RECORDED)
def test_what_is_stored_is_as_recorded(name: str) -> None:
    said = ask("schema", "diff", name, "--domains", ROOT / "domains")
    assert said.code == 0, said.out
