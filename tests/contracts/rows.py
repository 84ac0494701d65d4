"""What every adapter of Rows keeps to: conditions, strong reads, the change stream, lanes."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Entry, Head, Lane, Timer
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, Opening, Shelf, crowd, put, ticket

BURNS = ticket("it-burns")
FIRST = Change(Head(0, NOWHERE, {}), 1, (7, 0), {"": b'{"title":"It burns"}'})
THREADS = 10


class RowsContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    def test_where_nothing_is_the_version_is_0(self, shelf: Shelf) -> None:
        for keys in ((), ("",), ("", "k")):
            assert drive(shelf.rows.read(TICKETS, BURNS, keys)) == Head(0, NOWHERE, {})

    def test_what_is_written_is_read(self, shelf: Shelf) -> None:
        assert drive(shelf.rows.write(TICKETS, BURNS, FIRST))
        head = Head(1, (7, 0), {"": b'{"title":"It burns"}'})
        assert drive(shelf.rows.read(TICKETS, BURNS, ("",))) == head

    def test_another_reader_sees_it_at_once(self, shelf: Shelf, opening: Opening) -> None:
        with opening() as other:
            for version in range(1, 20):
                put(shelf, BURNS, {"": b"%d" % version})
                assert drive(other.rows.read(TICKETS, BURNS, ("",))).rows == {"": b"%d" % version}

    def test_it_is_there_when_the_store_is_opened_again(self, opening: Opening) -> None:
        with opening() as shelf:
            put(shelf, BURNS, {"": b"1", "k": b"2"})
        with opening() as again:
            head = Head(1, (1, 0), {"": b"1", "k": b"2"})
            assert drive(again.rows.read(TICKETS, BURNS, ("", "k"))) == head

    def test_only_the_rows_asked_for_are_read(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"ann": b"1", "bob": b"2", "": b"3"})
        read = shelf.rows.read
        assert drive(read(TICKETS, BURNS, ())).rows == {}
        assert drive(read(TICKETS, BURNS, ("",))).rows == {"": b"3"}
        assert drive(read(TICKETS, BURNS, ("bob",))).rows == {"bob": b"2"}
        assert drive(read(TICKETS, BURNS, ("bob", "zoe"))).rows == {"bob": b"2"}
        assert drive(read(TICKETS, BURNS, ("", "ann"))).rows == {"": b"3", "ann": b"1"}
        assert drive(read(TICKETS, BURNS, ("zoe",))) == Head(1, (1, 0), {})

    def test_rows_that_a_change_does_not_touch_stay(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"": b"1", "ann": b"2"})
        put(shelf, BURNS, {"bob": b"3"})
        put(shelf, BURNS, {})
        rows = {"": b"1", "ann": b"2", "bob": b"3"}
        assert drive(shelf.rows.read(TICKETS, BURNS, rows)) == Head(3, (3, 0), rows)

    def test_a_row_that_is_gone_is_not_read_and_its_aggregate_goes_on(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"": b"1", "ann": b"2", "bob": b"3"})
        put(shelf, BURNS, {"": None, "ann": None, "never": None})
        keys = ("", "ann", "bob")
        assert drive(shelf.rows.read(TICKETS, BURNS, keys)) == Head(2, (2, 0), {"bob": b"3"})
        put(shelf, BURNS, {"ann": b"4"})
        assert drive(shelf.rows.read(TICKETS, BURNS, keys)).rows == {"ann": b"4", "bob": b"3"}

    @pytest.mark.parametrize("key", ['"', "'; --", "%", "ключ", "🔥", "a\n\tb", " ", "k" * 300])
    def test_a_key_is_any_text(self, shelf: Shelf, key: str) -> None:
        put(shelf, BURNS, {key: b"1", f"{key}.": b"2"})
        assert drive(shelf.rows.read(TICKETS, BURNS, (key,))).rows == {key: b"1"}
        assert drive(shelf.rows.read(TICKETS, BURNS, (key, ""))).rows == {key: b"1"}

    def test_a_row_of_350_kb_comes_back_whole(self, shelf: Shelf) -> None:
        large = bytes(range(256)) * 1400
        put(shelf, BURNS, {"": large, "k": large})
        assert drive(shelf.rows.read(TICKETS, BURNS, ("", "k"))).rows == {"": large, "k": large}

    def test_generations_tenants_and_ids_are_apart(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"": b"1", "k": b"1"})
        for generation, aggregate in (
            (REBUILT, BURNS),
            (TICKETS, ticket("it-burns", "other")),
            (TICKETS, ticket("it-burn")),
        ):
            assert drive(shelf.rows.read(generation, aggregate, ("", "k"))).version == 0
            put(shelf, aggregate, {"": b"2", "k": b"2"}, generation)
        head = Head(1, (1, 0), {"": b"1", "k": b"1"})
        assert drive(shelf.rows.read(TICKETS, BURNS, ("", "k"))) == head

    @pytest.mark.parametrize(
        "read",
        [
            Head(0, NOWHERE, {}),
            Head(1, (7, 0), {}),
            Head(3, (7, 1), {}),
            Head(2, (7, 0), {}),
            Head(2, (8, 1), {}),
            Head(2, NOWHERE, {}),
            Head(0, (7, 1), {}),
        ],
    )
    def test_what_was_not_read_as_it_is_is_not_written(self, shelf: Shelf, read: Head) -> None:
        assert drive(shelf.rows.write(TICKETS, BURNS, FIRST))
        assert drive(shelf.rows.write(TICKETS, BURNS, _next(1, (7, 0), 2, (7, 1), b"two")))
        late = Change(read, 9, (9, 9), {"": b"late"})
        assert not drive(shelf.rows.write(TICKETS, BURNS, late))
        assert drive(shelf.rows.read(TICKETS, BURNS, ("",))) == Head(2, (7, 1), {"": b"two"})

    def test_what_never_was_is_not_written_upon(self, shelf: Shelf) -> None:
        for there in (Head(1, (1, 0), {}), Head(0, (1, 0), {}), Head(1, NOWHERE, {})):
            late = Change(there, 2, (2, 0), {"": b"late"})
            assert not drive(shelf.rows.write(TICKETS, BURNS, late))
        assert drive(shelf.rows.read(TICKETS, BURNS, ("",))) == Head(0, NOWHERE, {})

    def test_a_write_that_comes_too_late_leaves_no_trace(self, shelf: Shelf) -> None:
        title = Entry("newest", "[]", 1, "")
        put(shelf, BURNS, {"": b"1"}, listed=(title,))
        change = FIRST._replace(
            rows={"": b"late", "k": b"late"},
            listed=(Entry("newest", "[]", 2, ""),),
            unlisted=(title,),
            timers=(Timer("Remind", 5),),
            searched=True,
        )
        assert not drive(shelf.rows.write(TICKETS, BURNS, change))
        assert drive(shelf.rows.read(TICKETS, BURNS, ("", "k"))).rows == {"": b"1"}
        found = drive(shelf.rows.list(TICKETS, "main", "newest", "[]", None, 9, False))
        assert [one.place.order for one in found] == [1]
        assert drive(shelf.rows.changes(TICKETS, 0, 9)) == ()

    def test_the_same_write_twice_is_written_once(self, shelf: Shelf) -> None:
        change = FIRST._replace(searched=True)
        assert drive(shelf.rows.write(TICKETS, BURNS, change))
        assert not drive(shelf.rows.write(TICKETS, BURNS, change))
        assert len(drive(shelf.rows.changes(TICKETS, 0, 9))) == 1

    @pytest.mark.slow
    def test_of_50_that_add_one_at_once_none_is_lost(self, opening: Opening) -> None:
        crowd(add_one_each, opening, processes=5)
        with opening() as shelf:
            head = drive(shelf.rows.read(TICKETS, BURNS, ("",)))
        assert (head.version, head.rows) == (50, {"": b"50"})

    def test_the_change_stream_tells_each_row_that_changed(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"ann": b"1", "bob": b"2"}, searched=True)
        put(shelf, ticket("silent"), {"": b"3"})
        put(shelf, BURNS, {"ann": None}, searched=True)
        found = drive(shelf.rows.changes(TICKETS, 0, 9))
        assert [one[1:] for one in found] == [
            (BURNS, "ann", 1),
            (BURNS, "bob", 1),
            (BURNS, "ann", 2),
        ]

    def test_the_change_stream_is_read_in_pages_and_forgotten(self, shelf: Shelf) -> None:
        for version in range(5):
            put(shelf, BURNS, {"": b"%d" % version}, searched=True)
            put(shelf, BURNS, {"": b"%d" % version}, REBUILT, searched=True)
        page = drive(shelf.rows.changes(TICKETS, 0, 3))
        rest = drive(shelf.rows.changes(TICKETS, page[-1].place, 3))
        assert [one.version for one in (*page, *rest)] == [1, 2, 3, 4, 5]
        drive(shelf.rows.forget(TICKETS, page[-1].place))
        assert drive(shelf.rows.changes(TICKETS, 0, 9)) == rest
        assert len(drive(shelf.rows.changes(REBUILT, 0, 9))) == 5

    def test_a_place_in_the_change_stream_is_given_once(self, opening: Opening) -> None:
        with opening() as shelf:
            put(shelf, BURNS, {"": b"1"}, searched=True)
            (heard,) = drive(shelf.rows.changes(TICKETS, 0, 9))
            drive(shelf.rows.forget(TICKETS, heard.place))
        with opening() as shelf:
            put(shelf, BURNS, {"": b"2"}, searched=True)
            assert len(drive(shelf.rows.changes(TICKETS, heard.place, 9))) == 1


class LanesContract:
    """A subclass brings `opening`."""

    LANE = "main/clicks/7"

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    def test_a_lane_begins_at_nothing(self, shelf: Shelf) -> None:
        assert drive(shelf.rows.lane(TICKETS, self.LANE)) == Lane()

    def test_a_lane_moves_from_where_it_was_read(self, opening: Opening) -> None:
        first = Lane(7, 1, 7, {"p1": (3, (1, 2), 1_000)})
        second = Lane(2**53, 2, 2**54, {"p1": (3, (), 1_000), "пи": (1, (), 2_000)})
        with opening() as shelf:
            assert drive(shelf.rows.move(TICKETS, self.LANE, Lane(), first))
            assert drive(shelf.rows.lane(TICKETS, self.LANE)) == first
            assert drive(shelf.rows.move(TICKETS, self.LANE, first, second))
        with opening() as again:
            assert drive(again.rows.lane(TICKETS, self.LANE)) == second

    def test_a_lane_that_moved_meanwhile_does_not_move(self, shelf: Shelf) -> None:
        first, second, late = Lane(7, 1, 7, {}), Lane(8, 2, 15, {}), Lane(9, 2, 16, {})
        assert not drive(shelf.rows.move(TICKETS, self.LANE, first, late))
        assert drive(shelf.rows.move(TICKETS, self.LANE, Lane(), first))
        assert not drive(shelf.rows.move(TICKETS, self.LANE, Lane(), late))
        assert drive(shelf.rows.move(TICKETS, self.LANE, first, second))
        assert not drive(shelf.rows.move(TICKETS, self.LANE, first, late))
        assert drive(shelf.rows.lane(TICKETS, self.LANE)) == second

    def test_lanes_and_generations_are_apart(self, shelf: Shelf) -> None:
        assert drive(shelf.rows.move(TICKETS, self.LANE, Lane(), Lane(7, 1, 7, {})))
        assert drive(shelf.rows.lane(REBUILT, self.LANE)) == Lane()
        assert drive(shelf.rows.lane(TICKETS, "main/clicks/8")) == Lane()

    @pytest.mark.slow
    def test_of_several_that_move_a_lane_at_once_one_does(self, opening: Opening) -> None:
        assert sorted(crowd(move_first, opening, processes=4)) == [False, False, False, True]


def add_one_each(opening: Opening, number: int) -> None:
    """Several threads of one process, each adding one to the same row."""
    with opening() as shelf:
        threads = [Thread(target=_add_one, args=(shelf, BURNS)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _add_one(shelf: Shelf, aggregate: Aggregate) -> None:
    while True:
        head = drive(shelf.rows.read(TICKETS, aggregate, ("",)))
        cells = b"%d" % (int(head.rows.get("", b"0")) + 1)
        next = head.version + 1
        change = Change(head, next, (next, 0), {"": cells})
        if drive(shelf.rows.write(TICKETS, aggregate, change)):
            return


def move_first(opening: Opening, number: int) -> bool:
    with opening() as shelf:
        new = Lane(number + 1, 1, 1, {})
        return drive(shelf.rows.move(TICKETS, LanesContract.LANE, Lane(), new))


def _next(
    version: int, applied: tuple[int, int], to: int, then: tuple[int, int], cells: bytes
) -> Change:
    return Change(Head(version, applied, {}), to, then, {"": cells})
