"""What every adapter of Intents keeps to: written with their row, once per key, told in order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mainstem.ports import Change, Head, Intent
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, Opening, Shelf, crowd, put, ticket

BURNS = ticket("it-burns")
MAIL = Intent(BURNS, 1, "tickets.tell", 0, b'{"effect":"Mail","to":"ann@example.org"}', 100)


class IntentsContract:
    """A subclass brings `opening`."""

    @pytest.fixture
    def shelf(self, opening: Opening) -> Iterator[Shelf]:
        with opening() as opened:
            yield opened

    def test_at_first_nothing_is_due(self, shelf: Shelf) -> None:
        assert drive(shelf.intents.waiting(0, 9)) == ()

    def test_what_is_written_with_a_row_is_due(self, opening: Opening) -> None:
        with opening() as shelf:
            put(shelf, BURNS, {"": b"1"}, intents=(MAIL,))
        with opening() as again:
            assert _due(again) == [MAIL]

    def test_with_a_write_that_comes_too_late_nothing_is_due(self, shelf: Shelf) -> None:
        put(shelf, BURNS, {"": b"1"})
        late = Change(Head(0, NOWHERE, {}), 1, (1, 0), {"": b"late"}, intents=(MAIL,))
        assert not drive(shelf.rows.write(TICKETS, BURNS, late))
        assert _due(shelf) == []

    def test_they_are_told_in_the_order_they_were_written_page_by_page(self, shelf: Shelf) -> None:
        written = []
        for id in ("z", "a", "m"):
            two = [MAIL._replace(aggregate=ticket(id), n=n) for n in (1, 0)]
            put(shelf, ticket(id), {"": b"1"}, intents=tuple(two))
            written += two
        for limit in (1, 2, 100):
            found: list[tuple[int, Intent]] = []
            while page := drive(shelf.intents.waiting(found[-1][0] if found else 0, limit)):
                assert len(page) <= limit
                assert page[0] not in found
                found += page
            assert [one for _, one in found] == written

    def test_the_same_key_is_the_same_intent_whichever_generation_says_it(
        self, shelf: Shelf
    ) -> None:
        put(shelf, BURNS, {"": b"1"}, intents=(MAIL, MAIL))
        put(shelf, BURNS, {"": b"1"}, REBUILT, intents=(MAIL._replace(effect=b"{}", at=200),))
        put(shelf, BURNS, {"": b"2"}, intents=(MAIL,))
        assert _due(shelf) == [MAIL]

    @pytest.mark.parametrize(
        "other",
        [
            MAIL._replace(aggregate=ticket("it-burns", "other")),
            MAIL._replace(aggregate=ticket("it-burn")),
            MAIL._replace(aggregate=BURNS._replace(domain="orders")),
            MAIL._replace(version=2),
            MAIL._replace(reaction="tickets.warn"),
            MAIL._replace(n=1),
        ],
    )
    def test_every_part_of_the_key_tells_intents_apart(self, shelf: Shelf, other: Intent) -> None:
        put(shelf, BURNS, {"": b"1"}, intents=(MAIL, other))
        assert _due(shelf) == [MAIL, other]

    def test_a_reaction_fires_from_when_it_was_first_asked_about(self, opening: Opening) -> None:
        with opening() as shelf:
            assert drive(shelf.intents.since("tickets.tell", 100)) == 100
            assert drive(shelf.intents.since("tickets.tell", 50)) == 100
            assert drive(shelf.intents.since("tickets.warn", 300)) == 300
        with opening() as again:
            assert drive(again.intents.since("tickets.tell", 200)) == 100

    @pytest.mark.slow
    def test_asked_by_several_at_once_all_are_told_the_same(self, opening: Opening) -> None:
        assert len(set(crowd(ask_since, opening, processes=4))) == 1


def ask_since(opening: Opening, number: int) -> tuple[int, ...]:
    """Many reactions, so that two of the processes meet at one of them."""
    with opening() as shelf:
        return tuple(drive(shelf.intents.since(f"tickets.tell{n}", number)) for n in range(200))


def _due(shelf: Shelf) -> list[Intent]:
    return [one for _, one in drive(shelf.intents.waiting(0, 100))]
