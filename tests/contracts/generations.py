"""What every adapter of Generations keeps to: one is current, switched on condition."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from mainstem.ports import Entry, Generation, Lane, Parked, Stage
from mainstem.protocol.drive import drive
from tests.contracts.shelf import Opening, Shelf, crowd, put, ticket

SINK = "tickets.Ticket"


class GenerationsContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    def test_at_first_there_is_none(self, shelf: Shelf) -> None:
        assert drive(shelf.generations.of(SINK)) == ()

    def test_a_new_one_is_being_built(self, opening: Opening) -> None:
        with opening() as shelf:
            new = _start(shelf, "f1")
            assert new == (new.number, SINK, "f1", Stage.BUILDING, 100)
        with opening() as again:
            assert drive(again.generations.of(SINK)) == (new,)

    def test_one_that_was_begun_is_gone_on_with(self, shelf: Shelf) -> None:
        new = _start(shelf, "f1")
        assert drive(shelf.generations.start(SINK, "f1", 200)) == new

    def test_another_fingerprint_or_sink_is_another_one(self, shelf: Shelf) -> None:
        first, second = _start(shelf, "f1"), _start(shelf, "f2")
        other = drive(shelf.generations.start("tickets.Desk", "f1", 100))
        assert len({first.number, second.number, other.number}) == 3
        assert drive(shelf.generations.of(SINK)) == (first, second)

    @pytest.mark.slow
    def test_begun_by_several_at_once_it_is_one(self, opening: Opening) -> None:
        assert len(set(crowd(begin, opening, processes=4))) == 1

    def test_promoted_it_is_current_and_the_one_before_is_kept(self, opening: Opening) -> None:
        with opening() as shelf:
            first = _current(shelf, "f1")
            second = _start(shelf, "f2")
            assert drive(shelf.generations.promote(second, first, 300))
        with opening() as again:
            assert drive(again.generations.of(SINK)) == (
                first._replace(stage=Stage.KEPT, since=300),
                second._replace(stage=Stage.CURRENT, since=300),
            )

    def test_one_that_was_kept_can_be_promoted_back(self, shelf: Shelf) -> None:
        first = _current(shelf, "f1")
        second = _start(shelf, "f2")
        assert drive(shelf.generations.promote(second, first, 300))
        assert drive(shelf.generations.promote(first, second, 400))
        stages = [one.stage for one in drive(shelf.generations.of(SINK))]
        assert stages == [Stage.CURRENT, Stage.KEPT]

    def test_it_takes_the_place_of_what_is_current_or_of_nothing(self, shelf: Shelf) -> None:
        first, second = _start(shelf, "f1"), _start(shelf, "f2")
        promote = shelf.generations.promote
        assert not drive(promote(second, first, 200))
        assert drive(promote(first, None, 200))
        assert not drive(promote(second, None, 300))
        assert not drive(promote(second, second, 300))
        stages = [one.stage for one in drive(shelf.generations.of(SINK))]
        assert stages == [Stage.CURRENT, Stage.BUILDING]

    @pytest.mark.slow
    def test_of_several_promoted_at_once_one_is(self, opening: Opening) -> None:
        with opening() as shelf:
            first = _current(shelf, "f1")
            assert sum(crowd(promote_own, opening, first, processes=4)) == 1
            current = [s for *_, s, _ in drive(shelf.generations.of(SINK)) if s is Stage.CURRENT]
        assert len(current) == 1

    def test_a_kept_one_has_fallen_behind_so_another_is_begun(self, shelf: Shelf) -> None:
        first = _current(shelf, "f1")
        second = _start(shelf, "f2")
        assert drive(shelf.generations.promote(second, first, 300))
        assert _start(shelf, "f1").number not in (first.number, second.number)

    def test_another_may_be_built_beside_a_current_one_of_the_same_code(self, shelf: Shelf) -> None:
        assert _start(shelf, "f1").number == _current(shelf, "f1").number
        assert _start(shelf, "f1").stage is Stage.BUILDING

    def test_the_current_one_is_not_dropped(self, shelf: Shelf) -> None:
        current = _fill(shelf, _current(shelf, "f1"))
        assert not drive(shelf.generations.drop(current))
        assert not drive(shelf.generations.drop(current._replace(stage=Stage.BUILDING)))
        assert _held(shelf, current) == FULL

    def test_dropped_it_is_gone_with_all_that_was_written_for_it(self, shelf: Shelf) -> None:
        current = _fill(shelf, _current(shelf, "f1"))
        new = _fill(shelf, _start(shelf, "f2"))
        assert drive(shelf.generations.drop(new))
        assert _held(shelf, new) == EMPTY
        assert _held(shelf, current) == FULL
        assert [one.number for one in drive(shelf.generations.of(SINK))] == [current.number]

    def test_dropped_twice_it_is_gone(self, shelf: Shelf) -> None:
        new = _start(shelf, "f1")
        assert drive(shelf.generations.drop(new))
        assert drive(shelf.generations.drop(new))

    def test_dropped_it_is_neither_promoted_nor_gone_on_with(self, shelf: Shelf) -> None:
        new = _start(shelf, "f1")
        assert drive(shelf.generations.drop(new))
        assert not drive(shelf.generations.promote(new, None, 200))
        assert drive(shelf.generations.of(SINK)) == ()

    def test_numbers_grow_whatever_is_dropped(self, opening: Opening) -> None:
        numbers = []
        for _ in range(3):
            with opening() as shelf:
                new = _start(shelf, "f1")
                numbers.append(new.number)
                assert drive(shelf.generations.drop(new))
        assert all(a < b for a, b in pairwise(numbers))

    def test_a_note_is_read_as_it_was_last_written(self, opening: Opening) -> None:
        with opening() as shelf:
            one, other = _start(shelf, "f1"), _start(shelf, "f2")
            assert drive(shelf.generations.noted(one, "audited")) == ""
            drive(shelf.generations.note(one, "audited", "7"))
            drive(shelf.generations.note(one, "audited", "8 ключ"))
        with opening() as again:
            assert drive(again.generations.noted(one, "audited")) == "8 ключ"
            assert drive(again.generations.noted(one, "searched")) == ""
            assert drive(again.generations.noted(other, "audited")) == ""

    def test_a_note_is_turned_by_whoever_knows_what_it_said(self, opening: Opening) -> None:
        with opening() as shelf:
            one = _start(shelf, "f1")
            assert drive(shelf.generations.turn(one, "rebuild", "", "folding"))
            assert not drive(shelf.generations.turn(one, "rebuild", "", "folding anew"))
            assert drive(shelf.generations.turn(one, "rebuild", "folding", "ready"))
        with opening() as again:
            assert drive(again.generations.noted(one, "rebuild")) == "ready"


def begin(opening: Opening, number: int) -> int:
    with opening() as shelf:
        return _start(shelf, "f1").number


def promote_own(opening: Opening, first: Generation, number: int) -> bool:
    with opening() as shelf:
        return drive(shelf.generations.promote(_start(shelf, f"g{number}"), first, 300))


def _start(shelf: Shelf, fingerprint: str) -> Generation:
    return drive(shelf.generations.start(SINK, fingerprint, 100))


def _current(shelf: Shelf, fingerprint: str) -> Generation:
    new = _start(shelf, fingerprint)
    assert drive(shelf.generations.promote(new, None, 200))
    return new._replace(stage=Stage.CURRENT, since=200)


ROWS_MANY = 700  # more than is deleted in one go
FULL = (ROWS_MANY, 9, 9, Lane(1, 1, 1, {}), True, "noted")
EMPTY = (0, 0, 0, Lane(), False, "")


def _fill(shelf: Shelf, generation: Generation) -> Generation:
    """Something of everything."""
    rows = {f"k{n}": b"cells" for n in range(ROWS_MANY - 1)} | {"": b"cells"}
    listed = tuple(Entry("by", "[]", None, f"k{n}") for n in range(ROWS_MANY - 1))
    put(shelf, ticket("a"), rows, generation, listed=listed, searched=True)
    drive(shelf.rows.move(generation, "lane", Lane(), Lane(1, 1, 1, {})))
    facts = {(1, n): b"fact" for n in range(ROWS_MANY)}
    parked = Parked(SINK, generation.number, ticket("b"), 5, "why", False, 1, 0, facts)
    drive(shelf.parks.park(generation, parked))
    drive(shelf.generations.note(generation, "audited", "noted"))
    return generation


def _held(shelf: Shelf, generation: Generation) -> tuple[int, int, int, Lane, bool, str]:
    rows, parks = shelf.rows, shelf.parks
    return (
        len(drive(rows.all(generation, ("", "", ""), 10_000))),
        len(drive(rows.list(generation, "main", "by", "[]", None, 9, False))),
        len(drive(rows.changes(generation, 0, 9))),
        drive(rows.lane(generation, "lane")),
        drive(parks.parked(generation, ticket("b"))) is not None,
        drive(shelf.generations.noted(generation, "audited")),
    )
