"""What says where a table's files are may be damaged: it is named, and nobody is told of a bug."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.places import CATALOG, TABLES
from mainstem.discovery import discover
from mainstem.ports import Corrupt
from tests.archive.shelves import Archive, sold
from tests.archive.test_compact import ASKS
from tests.cli.desk import domains as folder_of


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    made = Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=ASKS)))
    made.keep(*made.commits([sold("a", 1, 7)]))
    made.compact()
    return made


@pytest.mark.parametrize("left", [10, 0, None], ids=["torn", "empty", "gone"])
def test_metadata_that_is_damaged_is_told_with_its_table(shop: Archive, left: int | None) -> None:
    for path in (shop.path / TABLES / "shop_events" / "metadata").glob("*.metadata.json"):
        text = path.read_bytes()
        path.unlink()
        if left is not None:
            path.write_bytes(text[:left])
    with pytest.raises(Corrupt, match=r"catalog\.db: shop_events: [^\n]+$"):
        shop.verify("shop")


def test_a_catalog_that_is_damaged_is_told(shop: Archive) -> None:
    (shop.path / CATALOG).write_bytes(b"this is no database" * 100)
    with pytest.raises(Corrupt, match=r"catalog\.db: shop_events: [^\n]*not a database[^\n]*$"):
        shop.verify("shop")
