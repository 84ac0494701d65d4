"""Rows on SQLite keep the contract, and cost one statement each way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from local.store import Store
from mainstem.ports import Change, Entry, Head
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.lists import ListsContract
from tests.contracts.rows import LanesContract, RowsContract
from tests.contracts.shelf import TICKETS, Opening, Shelf, put, ticket
from tests.local import cupboard


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(cupboard.shelf, cupboard.views(tmp_path))


class TestRows(RowsContract):
    pass


class TestLists(ListsContract):
    pass


class TestLanes(LanesContract):
    pass


def test_what_is_written_together_is_read_inside_and_lost_together(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf = cupboard.on(store)
        with pytest.raises(ZeroDivisionError), store.together():
            put(shelf, ticket("a"), {"": b"1"})
            put(shelf, ticket("a"), {"": b"2"})
            assert drive(shelf.rows.read(TICKETS, ticket("a"), ("",))).rows == {"": b"2"}
            1 / 0
        assert drive(shelf.rows.read(TICKETS, ticket("a"), ("",))) == Head(0, NOWHERE, {})


def test_an_entry_without_a_row_is_not_shown(tmp_path: Path) -> None:
    with cupboard.shelf(cupboard.views(tmp_path)) as shelf:
        entries = (Entry("by", "[]", 1, ""), Entry("by", "[]", 2, "k"))
        change = Change(Head(0, NOWHERE, {}), 1, (1, 0), {}, listed=entries)
        assert drive(shelf.rows.write(TICKETS, ticket("a"), change))
        assert drive(shelf.rows.list(TICKETS, "main", "by", "[]", None, 9, False)) == ()


def _steps(store: Store, shelf: Shelf, limit: int) -> int:
    """About how many of SQLite's instructions a page of all rows takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store.reader.set_progress_handler(count, 10)
    assert len(drive(shelf.rows.all(TICKETS, ("", "", ""), limit))) == limit
    store.reader.set_progress_handler(None, 10)
    return steps


def test_a_page_of_all_rows_costs_no_more_where_more_aggregates_follow(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf = cupboard.on(store)
        taken = []
        for first, last in ((0, 40), (40, 800)):
            with store.together():
                for n in range(first, last):
                    put(shelf, ticket(f"t{n:03}"), {"a": b"1", "b": b"2"})
            taken.append(_steps(store, shelf, 10))
        few, many = taken
        assert many < 2 * few


@pytest.mark.parametrize("limit", range(1, 9))
def test_pages_of_any_size_are_all_rows_with_an_empty_key_or_not(
    tmp_path: Path, limit: int
) -> None:
    rows = [
        (id, key)
        for id, keys in (("a", ("",)), ("b", ("", "x", "y")), ("c", ("x",)), ("d", ("",)))
        for key in keys
    ]
    with cupboard.shelf(cupboard.views(tmp_path)) as shelf:
        for id in "abcd":
            put(shelf, ticket(id), {key: b"1" for one, key in rows if one == id})
        found, after = list[tuple[str, str]](), ("", "", "")
        while page := drive(shelf.rows.all(TICKETS, after, limit)):
            found += [(one.aggregate.id, one.key) for one in page]
            after = (page[-1].aggregate.tenant, page[-1].aggregate.id, page[-1].key)
        assert found == rows
