"""Places among what was found: only such as a page ended at."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.adapters import adapters
from mainstem._refusal import Unfit
from mainstem.protocol.drive import drive


@pytest.mark.parametrize(
    "place", ["[" * 1_000, "[" * 100_000, "{}", "7", "x", '["a", "b", "c"]', '[1.0, "\\ud800", ""]']
)
def test_a_place_that_is_none_is_unfit(place: str, tmp_path: Path) -> None:
    ports = adapters(tmp_path / "folder")
    generation = drive(ports.generations.start("tickets.Ticket", "f", 1))
    try:
        with pytest.raises(Unfit, match="no place where a page of hits ended"):
            drive(ports.search.find(generation, "main", "words", "tea", place, 9))
    finally:
        ports.close()
