"""The notebook runs from top to bottom, in a folder in which something has happened."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from domains.tickets import Comment, Rename, Submit
from tests.docs.pages import ROOT
from tests.protocol.plant import plant

NOTEBOOK = ROOT / "docs" / "archive.ipynb"


def cells() -> list[str]:
    found = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return ["".join(one["source"]) for one in found if one["cell_type"] == "code"]


def shown(cell: str, names: dict[str, Any]) -> Any:
    """What a notebook shows below a cell: its last expression."""
    *body, last = ast.parse(cell).body
    exec(compile(ast.Module(body, []), str(NOTEBOOK), "exec"), names)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), str(NOTEBOOK), "exec"), names)
        return None
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)


@pytest.mark.slow
def test_it_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with plant(tmp_path / "demo", "tickets", "clicks") as works:
        works.ask("tickets", Submit(title="It burns"), "7f2")
        works.ask("tickets", Rename(title="Fire"), "7f2")
        works.ask("tickets", Comment(text="Help"), "7f2")
        looks = [("v1", "Viewed", {"page": "/", "ms": 4, "product": "p1"})] * 3
        works.facts(*looks)
    (tmp_path / "domains").symlink_to(ROOT / "domains")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    found = [shown(cell, names) for cell in cells()]
    assert found[0][:2] == ["balance", "balances_events"]
    assert found[1]["title"] == "last of Submitted.title, Renamed.title"
    assert found[2] == [{"id": "7f2", "comments": 1, "people": ["ann"]}]
    assert found[3].to_pylist() == [{"product": "p1", "looks": 3, "ms": 12}]
    assert found[4] == [{"title": "Fire", "comments": 0}]
    assert found[-1] == [(4.0,)]


def test_what_it_shows_is_left_out_of_the_repository() -> None:
    """Outputs go stale; whoever opens it runs it."""
    for one in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]:
        assert not one.get("outputs")
        assert one.get("execution_count") is None
