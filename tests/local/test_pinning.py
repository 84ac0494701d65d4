"""Two who fold one domain at a time: what the one lets go of, the other still has."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from archive.compact import Compactor, Taken
from archive.rows import noted
from archive.table import Catalog
from mainstem.discovery import discover
from mainstem.ports import Corrupt
from replay.pinned import NAME, Pinned, let_go, pin, refuse_gone
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


def refs(shop: Archive) -> set[str]:
    """Whatever keeps a snapshot."""
    with closing(Catalog(shop.path)) as catalog:
        table = catalog.table("shop")
        assert table is not None
        return set(table.refs())


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


def test_what_was_let_go_of_is_kept_by_nothing_and_once_more_is_no_harm(shop: Archive) -> None:
    in_the_making(shop, 7)
    noted(shop.path, sale(shop), 7, 0)
    for _ in range(2):
        let_go(shop.path, shop.domains["shop"], sale(shop), 7)
        assert refs(shop) == {"main"}
        with pytest.raises(Corrupt):
            noted(shop.path, sale(shop), 7, 0)


def test_a_name_that_kept_another_snapshot_keeps_the_newest(shop: Archive) -> None:
    pin(shop.path, shop.domains["shop"], FIRST)
    stock(shop, "cd")
    pin(shop.path, shop.domains["shop"], FIRST)
    with closing(Catalog(shop.path)) as catalog:
        table = catalog.table("shop")
        assert table is not None
        kept, newest = table.snapshot_by_name(FIRST), table.current_snapshot()
    assert kept == newest


@pytest.mark.parametrize("heads", [True, False])
def test_any_file_of_it_that_is_gone_is_named(shop: Archive, heads: bool) -> None:
    pinned = pin(shop.path, shop.domains["shop"], FIRST)
    refuse_gone(pinned)
    gone = (pinned.heads if heads else pinned.files)[0]
    gone.unlink()
    with pytest.raises(Corrupt, match=rf"^{gone}: is gone; drop this rebuild"):
        refuse_gone(pinned)


def test_who_else_is_at_it_is_asked_once_nobody_else_can_pin(shop: Archive) -> None:
    def live() -> tuple[str, ...]:
        with pytest.raises(Taken), Compactor(shop.path, {}).working():
            pass
        return (FIRST,)

    pin(shop.path, shop.domains["shop"], FIRST)
    pin(shop.path, shop.domains["shop"], SECOND, live)
    assert refs(shop) == {"main", FIRST, SECOND}
