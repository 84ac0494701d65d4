"""Rows on SQLite keep the contract, and cost one statement each way."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from mainstem.ports import Change, Entry, Head
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.lists import ListsContract
from tests.contracts.rows import LanesContract, RowsContract
from tests.contracts.shelf import TICKETS, Opening, put, ticket
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
