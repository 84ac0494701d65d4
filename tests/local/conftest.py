"""What most tests of rebuilds on one machine begin with. A file that needs another has its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local import rebuilding
from tests.protocol.plant import Plant, plant


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few aggregates are several parts, and each is loaded in several steps."""
    monkeypatch.setattr(rebuilding, "EVENTS_A_PART", 7)
    monkeypatch.setattr(rebuilding, "AGGREGATES_A_WRITE", 2)


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    """A folder with what is decided and what is ingested."""
    with plant(tmp_path / "data", "tickets", "clicks") as made:
        made.settle()
        yield made
