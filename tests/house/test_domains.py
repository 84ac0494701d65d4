"""A domain reads as a specification: no command in it is longer than a screenful."""

from __future__ import annotations

import ast

import pytest

from tests.house import tree

LINES_A_COMMAND_MAX = 20
DOMAINS = [file for file in tree.files() if file.startswith("domains/") and file.endswith(".py")]


def commands(source: str) -> dict[str, int]:
    """How many lines each command takes, body and decision included."""
    return {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).startswith("Command[") for base in node.bases)
    }


@pytest.mark.parametrize("file", DOMAINS)
def test_a_command_is_short(file: str) -> None:
    long = {name: n for name, n in commands(tree.text(file)).items() if n > LINES_A_COMMAND_MAX}
    assert not long, f"{file}: {long}, {LINES_A_COMMAND_MAX} lines at most"


def test_a_long_command_is_noticed() -> None:
    body = "\n".join(f"    a{n}: int" for n in range(LINES_A_COMMAND_MAX))
    assert commands(f"class Ask(Command[It]):\n{body}") == {"Ask": LINES_A_COMMAND_MAX + 1}
