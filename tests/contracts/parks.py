"""What every adapter of Parks keeps to: what waits is raised, never lowered; freed on condition."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mainstem.ports import Parked, Quarantined
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, Opening, Shelf, crowd, ticket

BURNS = ticket("it-burns")
GAP = Parked("tickets.Ticket", 1, BURNS, 5, "version 3 is missing before 5", False, since=100)
POISON = GAP._replace(why="version 3: no event is called Exploded", poison=True)
FACTS = {(7, 0): b"first", (7, 1): b"second", (9, 0): b"third"}
KEPT = GAP._replace(high=0, facts=FACTS)
TORN = Quarantined("shard-1", 7, "main/tickets/x", b"\x00torn\xff", "is no bundle", 100)


class ParksContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    def test_whether_somebody_waits_is_told_without_what_is_kept(self, shelf: Shelf) -> None:
        assert not drive(shelf.parks.waits(TICKETS, BURNS))
        _park(shelf, KEPT)
        assert drive(shelf.parks.waits(TICKETS, BURNS))

    def test_at_first_nobody_waits(self, shelf: Shelf) -> None:
        assert drive(shelf.parks.parked(TICKETS, BURNS)) is None
        assert drive(shelf.parks.waiting(TICKETS, "", 9)) == ()

    @pytest.mark.parametrize("parked", [GAP, POISON, KEPT, GAP._replace(tries=3)])
    def test_what_is_parked_waits_as_it_was_parked(self, opening: Opening, parked: Parked) -> None:
        with opening() as shelf:
            _park(shelf, parked)
        with opening() as again:
            assert drive(again.parks.parked(TICKETS, BURNS)) == parked

    def test_generations_tenants_and_ids_wait_apart(self, shelf: Shelf) -> None:
        _park(shelf, KEPT)
        for generation, aggregate in (
            (REBUILT, BURNS),
            (TICKETS, ticket("it-burns", "other")),
            (TICKETS, ticket("it-burn")),
        ):
            assert drive(shelf.parks.parked(generation, aggregate)) is None
            assert drive(shelf.parks.unpark(generation, aggregate, 99, (99, 0)))
        assert _parked(shelf) == KEPT

    def test_parked_again_it_waits_for_the_higher_since_the_first_time(self, shelf: Shelf) -> None:
        _park(shelf, GAP)
        _park(shelf, GAP._replace(high=9, why="waits behind what is parked", since=200))
        assert _parked(shelf) == GAP._replace(high=9)
        _park(shelf, GAP._replace(high=7, since=50))
        assert _parked(shelf) == GAP._replace(high=9)

    def test_poison_stays_poison_and_its_reason_is_told(self, shelf: Shelf) -> None:
        _park(shelf, GAP)
        _park(shelf, POISON._replace(high=6))
        _park(shelf, GAP._replace(high=7))
        _park(shelf, POISON._replace(why="version 6: worse"))
        assert _parked(shelf) == POISON._replace(high=7)

    def test_facts_are_kept_beside_those_there_and_each_once(self, shelf: Shelf) -> None:
        _park(shelf, KEPT)
        _park(shelf, KEPT._replace(facts={(9, 0): b"again", (9, 1): b"fourth", (8, 2): b"between"}))
        assert _parked(shelf).facts == {**FACTS, (8, 2): b"between", (9, 1): b"fourth"}

    @pytest.mark.parametrize(
        ("parked", "reached", "applied"),
        [
            (GAP, 4, NOWHERE),
            (GAP, 4, (99, 0)),
            (KEPT, 99, (8, 9)),
            (KEPT, 99, NOWHERE),
            (KEPT._replace(facts={(7, 0): b"first", (7, 1): b"second"}), 99, (7, 0)),
            (GAP._replace(facts=FACTS), 5, (7, 1)),
            (GAP._replace(facts=FACTS), 4, (9, 0)),
        ],
    )
    def test_it_waits_until_all_of_it_is_reached(
        self, shelf: Shelf, parked: Parked, reached: int, applied: tuple[int, int]
    ) -> None:
        _park(shelf, parked)
        assert not drive(shelf.parks.unpark(TICKETS, BURNS, reached, applied))
        assert _parked(shelf) == parked

    @pytest.mark.parametrize(
        ("parked", "reached", "applied"),
        [
            (GAP, 5, NOWHERE),
            (POISON, 6, (3, 0)),
            (KEPT, 0, (9, 0)),
            (KEPT, 3, (10, 0)),
            (GAP._replace(facts=FACTS), 5, (9, 1)),
        ],
    )
    def test_reached_it_is_free_and_its_facts_are_let_go(
        self, shelf: Shelf, parked: Parked, reached: int, applied: tuple[int, int]
    ) -> None:
        _park(shelf, parked)
        assert drive(shelf.parks.unpark(TICKETS, BURNS, reached, applied))
        assert drive(shelf.parks.parked(TICKETS, BURNS)) is None
        _park(shelf, GAP)
        assert _parked(shelf) == GAP

    def test_raised_while_it_is_repaired_it_goes_on_waiting(self, shelf: Shelf) -> None:
        _park(shelf, KEPT._replace(high=5))
        _park(shelf, KEPT._replace(high=6, facts={(10, 0): b"meanwhile"}))
        assert not drive(shelf.parks.unpark(TICKETS, BURNS, 5, (10, 0)))
        assert not drive(shelf.parks.unpark(TICKETS, BURNS, 6, (9, 0)))
        assert _parked(shelf).facts == {**FACTS, (10, 0): b"meanwhile"}
        assert drive(shelf.parks.unpark(TICKETS, BURNS, 6, (10, 0)))

    def test_who_is_free_already_is_free(self, shelf: Shelf) -> None:
        assert drive(shelf.parks.unpark(TICKETS, BURNS, 0, NOWHERE))
        _park(shelf, GAP)
        assert drive(shelf.parks.unpark(TICKETS, BURNS, 5, NOWHERE))
        assert drive(shelf.parks.unpark(TICKETS, BURNS, 5, NOWHERE))

    def test_a_try_that_came_to_nothing_is_counted_with_its_reason(self, shelf: Shelf) -> None:
        drive(shelf.parks.tried(TICKETS, BURNS, "nobody waits", poison=False))
        assert drive(shelf.parks.parked(TICKETS, BURNS)) is None
        _park(shelf, KEPT)
        drive(shelf.parks.tried(TICKETS, BURNS, "version 3 is missing", poison=False))
        drive(shelf.parks.tried(TICKETS, BURNS, "still", poison=False))
        assert _parked(shelf) == KEPT._replace(why="still", tries=2)

    def test_a_try_says_whether_it_met_poison_or_a_gap(self, shelf: Shelf) -> None:
        _park(shelf, GAP)
        drive(shelf.parks.tried(TICKETS, BURNS, "no event is called Sung", poison=True))
        assert _parked(shelf) == GAP._replace(why="no event is called Sung", poison=True, tries=1)
        drive(shelf.parks.tried(TICKETS, BURNS, "still missing", poison=False))
        assert _parked(shelf) == GAP._replace(why="still missing", poison=False, tries=2)

    @pytest.mark.parametrize("limit", [1, 2, 100])
    def test_those_waiting_are_told_in_order_page_by_page(self, shelf: Shelf, limit: int) -> None:
        named = [("a-tenant", "z"), ("main", "A"), ("main", "a"), ("main", "a-1"), ("main", "a/b")]
        named += [("main", "é"), ("main", "🔥"), ("main-2", "a")]
        for tenant, id in reversed(named):
            _park(shelf, GAP._replace(aggregate=ticket(id, tenant)))
        _park(shelf, GAP._replace(aggregate=ticket("b")), REBUILT)
        found: list[Any] = []
        after = ""
        while page := drive(shelf.parks.waiting(TICKETS, after, limit)):
            assert len(page) <= limit
            assert len(found) < len(named)
            found += [(one.aggregate.tenant, one.aggregate.id) for one in page]
            after = "/".join(found[-1])
        assert found == named

    def test_those_waiting_are_told_without_their_facts(self, shelf: Shelf) -> None:
        _park(shelf, KEPT)
        assert drive(shelf.parks.waiting(TICKETS, "", 9)) == (KEPT._replace(facts={}),)

    @pytest.mark.slow
    def test_parked_by_several_at_once_it_waits_for_all_of_them(self, opening: Opening) -> None:
        crowd(park_some, opening, processes=4)
        with opening() as shelf:
            parked = _parked(shelf)
        assert parked.high == 3 * 50 + 49
        assert len(parked.facts) == 4 * 50

    def test_what_nobody_can_decode_is_kept_byte_for_byte(self, opening: Opening) -> None:
        with opening() as shelf:
            drive(shelf.parks.quarantine(TORN))
        with opening() as again:
            assert drive(again.parks.quarantined(0, 9)) == (TORN,)

    def test_a_record_is_in_quarantine_once(self, shelf: Shelf) -> None:
        drive(shelf.parks.quarantine(TORN))
        drive(shelf.parks.quarantine(TORN._replace(why="read again", at=200)))
        drive(shelf.parks.quarantine(TORN._replace(shard="shard-2")))
        assert drive(shelf.parks.quarantined(0, 9)) == (TORN, TORN._replace(shard="shard-2"))

    @pytest.mark.parametrize("limit", [1, 3, 6])
    def test_the_quarantine_is_read_in_pages_that_miss_nothing(
        self, shelf: Shelf, limit: int
    ) -> None:
        """Two shards may have the same sequence: where to go on is said by sequence alone."""
        records = [
            TORN._replace(sequence=sequence, shard=f"shard-{shard}")
            for sequence in (1, 2, 30)
            for shard in (1, 2)
        ]
        for record in reversed(records):
            drive(shelf.parks.quarantine(record))
        found: list[Quarantined] = []
        while page := drive(shelf.parks.quarantined(found[-1].sequence if found else 0, limit)):
            assert page[0] not in found
            assert len(page) >= min(limit, len(records) - len(found))
            found += page
        assert found == records


def park_some(opening: Opening, number: int) -> None:
    """50 facts from one of several processes."""
    with opening() as shelf:
        for n in range(50):
            high = number * 50 + n
            _park(shelf, GAP._replace(high=high, facts={(high + 1, number): b"fact"}))


def _park(shelf: Shelf, parked: Parked, generation: Any = TICKETS) -> None:
    drive(shelf.parks.park(generation, parked))


def _parked(shelf: Shelf) -> Parked:
    found = drive(shelf.parks.parked(TICKETS, BURNS))
    assert found is not None
    return found
