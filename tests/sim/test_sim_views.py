"""Views in memory keep the contracts of rows, lists, parks, generations and intents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from mainstem.ports import Change, Entry, Generations, Intents, Lane, Parks, Rows, Timer
from mainstem.protocol.drive import drive
from mainstem.sim.stores import generations, intents, parks, rows
from mainstem.sim.stores.views import Views
from tests.contracts.generations import GenerationsContract
from tests.contracts.intents import MAIL, IntentsContract
from tests.contracts.lists import ListsContract
from tests.contracts.parks import GAP, KEPT, TORN, ParksContract
from tests.contracts.rows import LanesContract, RowsContract
from tests.contracts.shelf import REBUILT, TICKETS, Shelf, put, ticket
from tests.sim.served import Ports, Served, served

BURNS = ticket("it-burns")
SINK = "tickets.Ticket"
FIRST, LAST = Entry("by", "[]", 1, ""), Entry("by", "[]", None, "")
RAISED, SOONER = GAP._replace(high=9), KEPT._replace(facts={(7, 1): b"sooner"})
MOVED = Lane(7, 1, 7, {"p1": (3, (1, 2), 1_000)})


def opened(port: Ports) -> Shelf:
    return Shelf(
        cast("Rows", port("rows")),
        cast("Parks", port("parks")),
        cast("Generations", port("generations")),
        cast("Intents", port("intents")),
    )


def on(views: Views) -> Shelf:
    return Shelf(
        rows.Rows(views), parks.Parks(views), generations.Generations(views), intents.Intents(views)
    )


@pytest.fixture
def opening() -> Iterator[Served]:
    with served(on(Views())._asdict(), opened) as opening:
        yield opening


class TestRows(RowsContract):
    pass


class TestLists(ListsContract):
    pass


class TestLanes(LanesContract):
    pass


class TestParks(ParksContract):
    pass


class TestGenerations(GenerationsContract):
    pass


class TestIntents(IntentsContract):
    pass


def _fill(shelf: Shelf) -> None:
    """Something of everything."""
    built = drive(shelf.generations.start(SINK, "f1", 100))
    drive(shelf.generations.note(built, "audited", "7"))
    put(
        shelf,
        BURNS,
        {"": b"1", "k": b"2"},
        built,
        listed=(FIRST, LAST._replace(key="k")),
        timers=(Timer("Remind", 500),),
        intents=(MAIL,),
        searched=True,
    )
    drive(shelf.rows.move(built, "lane", Lane(), MOVED))
    drive(shelf.parks.park(built, KEPT))
    drive(shelf.parks.quarantine(TORN))
    drive(shelf.intents.since("tickets.tell", 100))


def _full() -> Views:
    views = Views()
    _fill(on(views))
    return views


def _beside(shelf: Shelf, **more: Any) -> None:
    """Something is written, and the head stays as it is."""
    head = drive(shelf.rows.read(TICKETS, BURNS, ()))
    assert drive(shelf.rows.write(TICKETS, BURNS, Change(head, *head[:2], {})._replace(**more)))


Step = Callable[[Shelf], Any]
STEPS: dict[str, Step] = {
    "a row": lambda shelf: _beside(shelf, rows={"": b"2"}),
    "a row of a key": lambda shelf: _beside(shelf, rows={"k": b"3"}),
    "a row that goes": lambda shelf: _beside(shelf, rows={"k": None}),
    "a version": lambda shelf: _beside(shelf, version=2),
    "a position": lambda shelf: _beside(shelf, applied=(2, 0)),
    "another generation": lambda shelf: put(shelf, BURNS, {}, REBUILT),
    "an entry": lambda shelf: _beside(shelf, listed=(LAST,)),
    "no entry": lambda shelf: _beside(shelf, unlisted=(FIRST,)),
    "a timer": lambda shelf: _beside(shelf, timers=(Timer("Remind", 700),)),
    "no timer": lambda shelf: _beside(shelf, timers=(Timer("Remind", None),)),
    "an intent": lambda shelf: _beside(shelf, intents=(MAIL._replace(n=1),)),
    "one done": lambda shelf: drive(cast("Any", shelf.intents).done(1, 200)),
    "a reaction": lambda shelf: drive(shelf.intents.since("tickets.warn", 100)),
    "a change": lambda shelf: _beside(shelf, rows={"": b"1"}, searched=True),
    "a change heard": lambda shelf: drive(shelf.rows.forget(TICKETS, 1)),
    "a lane": lambda shelf: drive(shelf.rows.move(TICKETS, "lane", MOVED, Lane(8))),
    "a producer": lambda shelf: drive(shelf.rows.move(TICKETS, "lane", MOVED, Lane(7, 1, 7))),
    "higher": lambda shelf: drive(shelf.parks.park(TICKETS, RAISED)),
    "a fact": lambda shelf: drive(shelf.parks.park(TICKETS, KEPT._replace(facts={(9, 9): b""}))),
    "a try": lambda shelf: drive(shelf.parks.tried(TICKETS, BURNS, KEPT.why, poison=False)),
    "free": lambda shelf: drive(shelf.parks.unpark(TICKETS, BURNS, 9, (9, 9))),
    "quarantine": lambda shelf: drive(shelf.parks.quarantine(TORN._replace(sequence=8))),
    "a build": lambda shelf: drive(shelf.generations.start(SINK, "f2", 100)),
    "promoted": lambda shelf: drive(shelf.generations.promote(TICKETS, None, 200)),
    "dropped": lambda shelf: drive(shelf.generations.drop(TICKETS)),
    "a note": lambda shelf: drive(shelf.generations.note(TICKETS, "audited", "8")),
}
THE_SAME: dict[str, Step] = {
    "read": lambda shelf: drive(shelf.rows.read(TICKETS, BURNS, ("", "k", "zoe"))),
    "told": lambda shelf: drive(shelf.rows.changes(TICKETS, 0, 9)),
    "late": lambda shelf: drive(shelf.rows.move(TICKETS, "lane", Lane(), Lane(8))),
    "listed already": lambda shelf: _beside(shelf, listed=(FIRST,), intents=(MAIL,)),
    "parked so": lambda shelf: drive(shelf.parks.park(TICKETS, KEPT)),
    "kept already": lambda shelf: drive(shelf.parks.park(TICKETS, SOONER)),
    "not reached": lambda shelf: drive(shelf.parks.unpark(TICKETS, BURNS, 9, (8, 0))),
    "quarantined": lambda shelf: drive(shelf.parks.quarantine(TORN._replace(why="again"))),
    "since before": lambda shelf: drive(shelf.intents.since("tickets.tell", 50)),
    "built already": lambda shelf: drive(shelf.generations.start(SINK, "f1", 200)),
    "not current": lambda shelf: drive(shelf.generations.promote(TICKETS, REBUILT, 200)),
    "no note": lambda shelf: drive(shelf.generations.note(TICKETS, "searched", "")),
}


def test_what_was_written_alike_has_one_key() -> None:
    one, other = _full(), _full()
    assert one.key() == other.key()
    assert hash(one.key()) == hash(other.key())
    assert one.copy().key() == one.key()
    assert one.key() != Views().key()


@pytest.mark.parametrize("step", STEPS)
def test_a_copy_goes_its_own_way(step: str) -> None:
    origin = _full()
    copy = origin.copy()
    STEPS[step](on(copy))
    assert copy.key() != origin.key()
    assert origin.key() == _full().key()
    STEPS[step](on(origin))
    assert copy.key() == origin.key()


@pytest.mark.parametrize("step", THE_SAME)
def test_what_changes_no_answer_changes_no_key(step: str) -> None:
    views = _full()
    THE_SAME[step](on(views))
    assert views.key() == _full().key()


def test_in_which_order_it_was_written_is_no_part_of_the_key() -> None:
    one, other = Views(), Views()
    for views, ids in ((one, "abc"), (other, "cba")):
        shelf = on(views)
        for id in ids:
            put(shelf, ticket(id), dict.fromkeys(ids, b"1"), listed=(FIRST,))
            drive(shelf.parks.park(TICKETS, GAP._replace(aggregate=ticket(id))))
            drive(shelf.rows.move(TICKETS, id, Lane(), MOVED))
        for position in ((7, 0), (7, 1)) if views is one else ((7, 1), (7, 0)):
            drive(shelf.parks.park(TICKETS, KEPT._replace(facts={position: b"fact"})))
    assert one.key() == other.key()


def test_what_comes_and_goes_leaves_no_trace_in_the_key() -> None:
    one, other = Views(), Views()
    stopped, timer = Timer("Remind", None), Timer("Remind", 500)
    put(on(one), BURNS, {"": b"1"})
    put(on(one), BURNS, {"": b"2"})
    put(on(other), BURNS, {"": b"1", "k": b"1"}, listed=(FIRST,), timers=(timer,))
    put(on(other), BURNS, {"": b"2", "k": None}, unlisted=(FIRST,), timers=(stopped,))
    assert one.key() == other.key()


def test_a_place_that_was_given_out_and_forgotten_is_part_of_the_key() -> None:
    one, other = Views(), Views()
    for views in (one, other):
        put(on(views), BURNS, {"": b"1"}, searched=views is one)
        drive(on(views).rows.forget(TICKETS, 9))
    assert one.key() != other.key()


def test_what_was_due_and_is_done_is_part_of_the_key() -> None:
    one, other = Views(), Views()
    for views in (one, other):
        put(on(views), BURNS, {"": b"1"}, intents=(MAIL,) if views is one else ())
        drive(cast("Any", on(views).intents).done(1, 200))
    assert one.key() != other.key()


def test_what_is_done_is_never_due_again() -> None:
    shelf = on(Views())
    second = MAIL._replace(n=1)
    put(shelf, BURNS, {"": b"1"}, intents=(MAIL, second))
    (place, _), rest = drive(shelf.intents.waiting(0, 9))
    drive(cast("Any", shelf.intents).done(place, 200))
    put(shelf, BURNS, {"": b"2"}, intents=(MAIL,))
    put(shelf, BURNS, {"": b"1"}, REBUILT, intents=(MAIL,))
    assert drive(shelf.intents.waiting(0, 9)) == (rest,)


def test_what_was_written_after_a_drop_is_swept_up_by_the_next() -> None:
    views = Views()
    shelf = on(views)
    gone, next, stays = (drive(shelf.generations.start(SINK, f"f{n}", 1)) for n in range(3))
    assert drive(shelf.generations.drop(gone))
    timers = (Timer("Remind", 5),)
    put(shelf, ticket("late"), {"": b"1"}, gone, timers=timers, searched=True)
    put(shelf, ticket("here"), {"": b"1"}, stays, timers=timers, searched=True)
    assert drive(shelf.generations.drop(next))
    assert (views.heads(gone), views.timers(gone)) == ({}, {})
    assert (views.heads(stays), len(views.timers(stays))) == ({ticket("here"): 1}, 1)
    put(shelf, ticket("late"), {"": b"1"}, gone, searched=True)
    assert [one.place for one in drive(shelf.rows.changes(gone, 0, 9))] == [2]


def test_an_entry_without_a_row_is_not_shown_and_takes_no_place() -> None:
    shelf = on(Views())
    put(shelf, ticket("a"), {}, listed=(FIRST, LAST._replace(key="k")))
    put(shelf, ticket("b"), {"": b"1"}, listed=(LAST,))
    (shown,) = drive(shelf.rows.list(TICKETS, "main", "by", "[]", None, 1, False))
    assert shown.aggregate == ticket("b")


def test_the_simulator_sees_all_there_is() -> None:
    views = _full()
    assert views.heads(TICKETS) == {BURNS: 1}
    assert views.cells(TICKETS, BURNS) == {"": b"1", "k": b"2"}
    assert views.entries(TICKETS) == {(BURNS, FIRST), (BURNS, LAST._replace(key="k"))}
    assert views.parked(TICKETS) == {BURNS: KEPT}
    assert views.timers(TICKETS) == {(BURNS, "Remind"): 500}


def test_it_sees_nothing_of_another_generation() -> None:
    views = _full()
    for seen in (views.heads, views.entries, views.parked, views.timers):
        assert not seen(REBUILT)
    assert not views.cells(REBUILT, BURNS)
