"""What every adapter of Rows keeps to when rows are listed: one order, in pages, up to date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Entry, Head, Listed, Place
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, Opening, Shelf, put, ticket

TEXTS = [
    "",
    " ",
    "A",
    "Z",
    "a",
    "ab",
    "a\x01",
    "e\u0301",
    "\xe9",
    "ß",
    "я",
    "ﬀ",
    "𝒜",
    "🔥",
    "\U0010ffff",
]
NUMBERS = [-(2**53), -1.5, -1, 0, 1e-300, 1, 1.5, 2, 9, 10, 2**53 - 1, 2**53, 1e300]
BOTH_WAYS = pytest.mark.parametrize("newest_first", [False, True])


class ListsContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    @BOTH_WAYS
    @pytest.mark.parametrize("orders", [TEXTS, NUMBERS, [None]], ids=["texts", "numbers", "none"])
    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_pages_put_together_are_the_list_in_its_order(
        self, shelf: Shelf, orders: list[Any], limit: int, newest_first: bool
    ) -> None:
        places = [Place(order, id, key) for order in orders for id, key in _ROWS]
        for id in ("a-1", "a", "b"):
            mine = [one for one in reversed(places) if one.id == id]
            _list(shelf, ticket(id), *(Entry("by", "[]", one.order, one.key) for one in mine))
        # Python compares texts and numbers as it must be: by code points, and exactly.
        wanted = sorted(places, key=_sortable, reverse=newest_first)
        assert [one.place for one in _pages(shelf, limit, newest_first)] == wanted

    @BOTH_WAYS
    def test_a_page_goes_on_behind_a_row_that_is_gone_meanwhile(
        self, shelf: Shelf, newest_first: bool
    ) -> None:
        for order in (1, 2, 3):
            _list(shelf, ticket(f"t{order}"), Entry("by", "[]", order, ""))
        first, gone, last = _pages(shelf, 9, newest_first)
        entry = Entry("by", "[]", gone.place.order, "")
        put(shelf, gone.aggregate, {"": b"closed"}, unlisted=(entry,))
        rest = drive(shelf.rows.list(TICKETS, "main", "by", "[]", gone.place, 9, newest_first))
        assert [one.aggregate for one in rest] == [last.aggregate]
        assert [one.aggregate for one in _pages(shelf, 9, newest_first)] == [
            first.aggregate,
            last.aggregate,
        ]

    def test_a_list_shows_rows_as_they_are_now(self, shelf: Shelf) -> None:
        _list(shelf, ticket("a"), Entry("by", "[]", 1, ""))
        _list(shelf, ticket("b"), Entry("by", "[]", 2, "k"))
        put(shelf, ticket("a"), {"": b"newer"})
        put(shelf, ticket("b"), {"k": b"newest"})
        assert drive(shelf.rows.list(TICKETS, "main", "by", "[]", None, 9, False)) == (
            Listed(ticket("a"), "", 2, b"newer", Place(1, "a", "")),
            Listed(ticket("b"), "k", 2, b"newest", Place(2, "b", "k")),
        )

    def test_a_row_that_moves_stands_where_it_moved_and_once(self, shelf: Shelf) -> None:
        old, new = Entry("by", "[]", "low", ""), Entry("by", "[]", "high", "")
        _list(shelf, ticket("a"), old)
        put(shelf, ticket("a"), {"": b"2"}, listed=(new,), unlisted=(old,))
        put(shelf, ticket("a"), {"": b"3"}, listed=(new,))
        put(shelf, ticket("a"), {"": b"4"}, listed=(new,), unlisted=(new, old))
        assert [one.place.order for one in _pages(shelf, 9, False)] == ["high"]

    def test_lists_values_tenants_and_generations_are_apart(self, shelf: Shelf) -> None:
        _list(shelf, ticket("a"), Entry("by", '["ann"]', 1, ""), Entry("other", "[]", 1, ""))
        _list(shelf, ticket("a", "elsewhere"), Entry("by", "[]", 1, ""))
        _list(shelf, ticket("a"), Entry("by", "[]", 1, ""), generation=REBUILT)
        assert _pages(shelf, 9, False) == []
        found = drive(shelf.rows.list(TICKETS, "main", "by", '["ann"]', None, 9, False))
        assert [one.aggregate for one in found] == [ticket("a")]

    def test_a_list_shows_rows_of_its_own_tenant_and_generation(self, shelf: Shelf) -> None:
        entries = (Entry("by", "[]", 1, ""), Entry("by", "[]", 2, "k"))
        for n, (generation, tenant) in enumerate(_APART):
            cells = dict.fromkeys(("", "k"), b"%d" % n)
            put(shelf, ticket("a", tenant), cells, generation, listed=entries)
        for n, (generation, tenant) in enumerate(_APART):
            found = drive(shelf.rows.list(generation, tenant, "by", "[]", None, 9, False))
            assert [one.cells for one in found] == [b"%d" % n] * 2

    def test_all_rows_come_in_the_order_of_tenants_ids_and_keys(self, shelf: Shelf) -> None:
        for tenant, id in (("main", "b"), ("main", "a-1"), ("main", "a"), ("a-tenant", "z")):
            put(shelf, ticket(id, tenant), {"k2": b"1", "": b"2", "k1": b"3"})
        put(shelf, ticket("gone"), {"": b"1", "k1": b"2"})
        put(shelf, ticket("gone"), {"": None, "k1": None})
        put(shelf, ticket("elsewhere"), {"": b"1"}, REBUILT)
        every = [
            (ticket(id, tenant), key, 1)
            for tenant, ids in (("a-tenant", ["z"]), ("main", ["a", "a-1", "b"]))
            for id in ids
            for key in ("", "k1", "k2")
        ]
        for limit in (1, 2, 5, 100):
            assert [one[:3] for one in _all(shelf, limit)] == every

    def test_of_all_rows_each_shows_its_cells(self, shelf: Shelf) -> None:
        put(shelf, ticket("a"), {"": b"1", "k": b"2"})
        assert drive(shelf.rows.all(TICKETS, ("", "", ""), 9)) == (
            Listed(ticket("a"), "", 1, b"1", Place(None, "a", "")),
            Listed(ticket("a"), "k", 1, b"2", Place(None, "a", "k")),
        )


_APART = [(TICKETS, "main"), (TICKETS, "other"), (REBUILT, "main")]
_ROWS = [("a", ""), ("a", "k"), ("a-1", ""), ("b", "k"), ("b", "é")]


def _sortable(place: Place) -> tuple[Any, str, str]:
    return 0 if place.order is None else place.order, place.id, place.key


def _list(shelf: Shelf, aggregate: Aggregate, *entries: Entry, generation: Any = TICKETS) -> None:
    rows = {entry.key: b"cells" for entry in entries}
    change = Change(Head(0, NOWHERE, {}), 1, (1, 0), rows, listed=entries)
    assert drive(shelf.rows.write(generation, aggregate, change))


def _pages(shelf: Shelf, limit: int, newest_first: bool) -> list[Listed]:
    found: list[Listed] = []
    while True:
        after = found[-1].place if found else None
        page = drive(shelf.rows.list(TICKETS, "main", "by", "[]", after, limit, newest_first))
        assert len(page) <= limit
        assert not page or page[0] not in found
        found += page
        if not page:
            return found


def _all(shelf: Shelf, limit: int) -> list[Listed]:
    found: list[Listed] = []
    after = ("", "", "")
    while page := drive(shelf.rows.all(TICKETS, after, limit)):
        assert len(page) <= limit
        assert page[0] not in found
        found += page
        after = (page[-1].aggregate.tenant, page[-1].aggregate.id, page[-1].key)
    return found
