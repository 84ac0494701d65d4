"""Folders to ask in: one that was not begun, and one in which nothing has happened yet."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local.engine import engine
from mainstem.discovery import discover
from tests.cli.desk import DOMAINS, Here, opened


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied, since making one waits for the disk again and again."""
    folder = tmp_path_factory.mktemp("settled") / "data"
    with opened(folder) as ports:
        engine(ports, discover(DOMAINS))
    return folder


@pytest.fixture
def here(tmp_path: Path, settled: Path) -> Here:
    """A folder with every view of the real domains, and nothing in them."""
    return Here(Path(shutil.copytree(settled, tmp_path / "data")))


@pytest.fixture
def nowhere(tmp_path: Path) -> Here:
    """A folder that was not begun."""
    return Here(tmp_path / "data")
