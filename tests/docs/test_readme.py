"""The domain that the README shows is the real one, with something left out."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.docs.pages import ROOT, blocks

TICKETS = ROOT / "domains" / "tickets.py"


def classes(source: str) -> dict[str, dict[str, str]]:
    """Each class by name: its head, and each statement of its body."""
    return {
        node.name: {
            "head": ast.unparse(ast.ClassDef(**{**vars(node), "body": [ast.Pass()]})),
            **{ast.unparse(one): "" for one in node.body},
        }
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
    }


def test_the_readme_shows_a_part_of_tickets_and_nothing_else() -> None:
    shown = classes(next(b.text for b in blocks("README.md") if b.language == "python"))
    real = classes(Path(TICKETS).read_text(encoding="utf-8"))
    assert shown
    for name, body in shown.items():
        assert body.items() <= real[name].items(), name
