"""Imports run downhill, and every folder is a room of the house."""

import ast

import pytest

from tests.house import tree
from tests.house.imports import ROOMS, SHELVES, uphill


def rules_broken(file: str, source: str) -> list[str]:
    return list(uphill(file, ast.parse(source)))


def test_imports_run_downhill() -> None:
    broken = [
        rule
        for name in tree.python_files()
        if tree.room(name) in ROOMS
        for rule in uphill(name, tree.python(name))
    ]
    assert not broken, "\n".join(broken)


def test_a_top_level_folder_is_a_room_of_the_house() -> None:
    strangers = {tree.room(name) for name in tree.files()} - ROOMS - SHELVES - {""}
    assert not strangers, f"give {sorted(strangers)} a place in tests/house/imports.py"


def test_python_lives_in_rooms() -> None:
    homeless = [name for name in tree.python_files() if tree.room(name) not in ROOMS]
    assert not homeless


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("mainstem/x.py", "import archive"),
        ("mainstem/x.py", "from domains import tickets"),
        ("mainstem/x.py", "import tests.house"),
        ("archive/x.py", "from consumers.park import parked"),
        ("archive/x.py", "def later():\n    import replay.plan"),
        ("archive/x.py", "import importlib\nimportlib.import_module('replay')"),
        ("queries/x.py", "import domains.tickets"),
        ("queries/x.py", "import replay"),
        ("domains/x.py", "import edge"),
        ("edge/x.py", "import aws"),
        ("local/x.py", "import cli.main"),
    ],
)
def test_an_import_that_climbs_is_found(file: str, source: str) -> None:
    assert len(rules_broken(file, source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("cli/x.py", "import archive, domains.tickets, local, mainstem"),
        ("replay/x.py", "from archive import table"),
        ("archive/x.py", "from archive.table import rows; from . import table"),
        ("domains/x.py", "from domains import users; from mainstem import Event"),
        ("consumers/on_feed.py", "from domains import tickets"),
        ("tests/x.py", "import cli, domains, mainstem, benchmarks"),
        ("mainstem/x.py", "import json, pydantic"),
    ],
)
def test_an_import_that_runs_downhill_is_fine(file: str, source: str) -> None:
    assert not rules_broken(file, source)
