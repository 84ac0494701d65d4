"""Two who fold one domain at a time: what the one lets go of, the other still has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from archive.compact import Compactor, Taken
from archive.table import Catalog
from mainstem.discovery import discover
from replay.pinned import NAME, Pinned, let_go, pin
from replay.rows import Rows
from tests.archive.shelves import Archive
from tests.archive.test_compact import ASKS
from tests.cli.desk import domains as folder_of
from tests.local.test_finished_rows import EVENTS_A_PART, alike, sale, stock

FIRST, SECOND = NAME.format(7), NAME.format(8)


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    made = Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=ASKS)))
    stock(made)
    return made


def in_the_making(shop: Archive, number: int) -> Rows:
    """One whose only part is folded, and not committed yet."""
    pinned: Pinned = pin(shop.path, shop.domains["shop"], NAME.format(number), lambda: (FIRST,))
    rows = Rows(duckdb.connect(), pinned, sale(shop), number, None)  # type: ignore[arg-type]
    (part,) = pinned.parts(EVENTS_A_PART)
    rows.part(0, part)
    return rows


def test_rows_that_two_have_made_alike_stay_while_one_of_them_needs_them(shop: Archive) -> None:
    in_the_making(shop, 7)
    rows = in_the_making(shop, 8)
    let_go(shop.path, shop.domains["shop"], sale(shop), 7)
    rows.commit(1)
    assert alike(shop, sale(shop)) > 0
    assert shop.verify("shop").findings == ()


def test_who_else_is_at_it_is_asked_once_nobody_else_can_pin(shop: Archive) -> None:
    def live() -> tuple[str, ...]:
        with pytest.raises(Taken), Compactor(shop.path, {}).working():
            pass
        return (FIRST,)

    pin(shop.path, shop.domains["shop"], FIRST)
    pin(shop.path, shop.domains["shop"], SECOND, live)
    with closing(Catalog(shop.path)) as catalog:
        table = catalog.table("shop")
        assert table is not None
        assert set(table.refs()) == {"main", FIRST, SECOND}
