"""`mainstem parked`: what waits, why, and how it goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.engaged import Engaged
from cli.parking import given_up, named
from cli.session import Session
from local.adapters import Adapters
from local.locks import UP, WORK, held
from local.rows import Rows
from local.settle import settled
from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of
from mainstem.discovery import discover
from mainstem.ports import Change, Contended, Generation
from mainstem.protocol.consume import Into
from mainstem.protocol.repair import fold_on
from tests.cli.desk import Here, domains, opened, somebody_at_work
from tests.cli.guests import CHANGED, FORGETFUL, GUESTS, came, feed, put

VISITS = '''\
"""Visits: facts come in; it knows no other than these."""

from mainstem import Event, View, count


class Came(Event):
    name: str


class Visit(View):
    visits = count(Came)
'''


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    """Ann came, and is shown."""
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    return here


@pytest.fixture
def forgetful(guests: Here) -> Here:
    """Later code no longer knows what was mused at version 2; Bob came at version 3."""
    with held(guests.folder, WORK):
        guests.after("ask", "guests/1", "muse", "thought=Hm")
        guests.after("ask", "guests/1", "come", "name=Bob")
    here = Here(guests.folder, domains(guests.folder.parent, guests=FORGETFUL))
    here.after("list", "guest")
    return here


def test_where_nothing_waits_it_says_so(guests: Here) -> None:
    assert guests("parked", "list").out == "nothing is parked\n"
    assert guests("parked", "retry").out == "nothing is parked\n"
    assert guests("parked", "list", "--json").data == {"parked": []}


def test_what_waits_is_listed_with_its_reason(forgetful: Here) -> None:
    said = forgetful("parked", "list")
    assert (said.code, said.err) == (0, "")
    _, line = said.out.splitlines()
    assert line.startswith("guests.Guest  guests/1   ")
    assert line.endswith("version 2: guests: no event is called Mused")
    for view in ("guest", "Guest", "guests.Guest"):
        (one,) = forgetful("parked", "list", view, "--json").data["parked"]
        assert (one["sink"], one["id"], one["high"]) == ("guests.Guest", "1", 3)
        assert one["poison"] is True


def test_it_is_shown_with_the_events_behind_it(forgetful: Here) -> None:
    said = forgetful("parked", "show", "guest", "1")
    assert "why     version 2: guests: no event is called Mused\n" in said.out
    assert 'Mused  {"thought": "Hm"}' in said.out
    data = forgetful("parked", "show", "guests.Guest", "guests/1", "--json").data
    assert [one["version"] for one in data["events"]] == [2, 3]


def test_code_that_knows_the_event_sets_it_free(forgetful: Here, guests: Here) -> None:
    said = forgetful("parked", "retry")
    assert said.code == 1
    assert said.out.startswith("guests.Guest guests/1 still waits: version 2: ")
    said = guests("parked", "retry", "guest", "1")
    assert (said.code, said.out) == (0, "guests.Guest guests/1 goes on\n")
    assert guests("show", "guest/1", "--json").data["version"] == 3


def test_a_gap_is_mended_as_soon_as_it_can_be(guests: Here) -> None:
    feed(guests, "1", version=3)
    guests.after("list", "guest")
    said = guests("parked", "retry", "--json")
    assert said.code == 1
    (tried,) = said.data["tried"]
    assert (tried["free"], tried["why"]) == (False, "version 2 is missing from the journal")
    with held(guests.folder, WORK):
        guests.after("ask", "guests/1", "come", "name=Bob")
        guests.after("ask", "guests/1", "come", "name=Cat")
    assert guests("parked", "retry").out == "guests.Guest guests/1 goes on\n"
    assert guests("show", "guest/1", "--json").data["name"] == "Cat"


def test_it_is_tried_again_beside_whoever_is_at_work(forgetful: Here, guests: Here) -> None:
    with somebody_at_work(forgetful):
        assert forgetful("parked", "retry").code == 1
    with held(guests.folder, WORK):
        assert guests("parked", "retry").out == "guests.Guest guests/1 goes on\n"


def test_older_code_that_is_up_keeps_others_from_writing(guests: Here) -> None:
    later = Here(guests.folder, domains(guests.folder.parent, guests=CHANGED))
    with held(guests.folder, UP) as up, held(guests.folder, WORK):
        assert up is not None
        up.say(address="http://127.0.0.1:8400")
        said = later("parked", "retry")
    assert (said.code, said.out) == (3, "")
    assert "Guest changed since `mainstem up` started; restart it" in said.err


def test_giving_up_is_planned_and_done_only_with_yes(forgetful: Here) -> None:
    said = forgetful("parked", "discard", "guest", "1")
    assert said.code == 0
    assert said.out.startswith("would give up, with --yes:\n   2  ")
    assert 'Mused  {"thought": "Hm"}\nbecause version 2: guests: no event' in said.out
    assert forgetful("parked", "list", "--json").data["parked"]
    said = forgetful("parked", "discard", "guest", "1", "--yes")
    assert said.code == 0
    assert said.out.startswith("gave up:\n   2  ")
    assert said.out.endswith("guests.Guest guests/1 goes on\n")
    row = forgetful("show", "guest/1", "--json").data
    assert (row["version"], row["name"]) == (3, "Bob")
    assert len(forgetful("history", "guests/1", "--json").data["events"]) == 3


def test_what_can_be_applied_by_now_is_never_given_up(forgetful: Here, guests: Here) -> None:
    with held(guests.folder, WORK):
        said = guests("parked", "discard", "guest", "1", "--yes", "--json")
    assert (said.code, said.data["done"], said.data["given_up"]) == (0, False, None)
    assert guests("show", "guest/1", "--json").data["version"] == 3


class Overtaken(Rows):
    """Somebody else repairs up to version 2, just before this would write."""

    def __init__(self, into: Into, ports: Adapters) -> None:
        super().__init__(ports.folder.views)
        self.into, self.journal, self.others = into, ports.journal, True

    async def write(self, generation: Generation, aggregate: Aggregate, change: Change) -> bool:
        if self.others:
            self.others = False
            await fold_on(self.into, self.journal, aggregate, upto=2)
        return await super().write(generation, aggregate, change)


def test_nothing_is_given_up_while_somebody_else_repairs_it(guests: Here) -> None:
    feed(guests, "1", version=4)
    guests.after("list", "guest")
    with held(guests.folder, WORK):
        for name in ("Bob", "Cat", "Dan"):
            guests.after("ask", "guests/1", "come", f"name={name}")
    with opened(guests.folder) as ports:
        found = discover(guests.domains)
        (into,) = settled(ports, found)
        here = Engaged(Session(), replace(ports, rows=Overtaken(into, ports)), found)
        with pytest.raises(Contended):
            given_up(here, "guests.Guest", "1")
    assert guests("parked", "discard", "guest", "1", "--yes", "--json").data["given_up"] is None
    assert guests("show", "guest/1", "--json").data["name"] == "Dan"


def test_an_id_may_look_like_an_address() -> None:
    assert named("guests.Guest", "a/guests/1") == Aggregate("main", "guests", "a/guests/1")
    assert named("guests.Guest", "guests/a/b") == Aggregate("main", "guests", "a/b")
    assert named("guests.Guest", "acme:guests/1") == Aggregate("acme", "guests", "1")


def test_only_one_event_is_given_up_at_a_time(guests: Here) -> None:
    with held(guests.folder, WORK):
        for thought in ("Hm", "Hmm"):
            guests.after("ask", "guests/1", "muse", f"thought={thought}")
    later = Here(guests.folder, domains(guests.folder.parent, guests=FORGETFUL))
    later.after("list", "guest")
    said = later("parked", "discard", "guest", "1", "--yes")
    assert said.code == 1
    assert "guests/1 still waits: version 3: guests: no event is called Mused" in said.out
    assert later("parked", "discard", "guest", "1", "--yes").code == 0


def test_what_is_not_there_can_not_be_given_up(guests: Here) -> None:
    feed(guests, "1", version=3)
    guests.after("list", "guest")
    for words in ((), ("--yes",)):
        said = guests("parked", "discard", "guest", "1", *words)
        assert (said.code, said.out) == (1, "")
        assert "there is nothing to give up: version 2 is missing" in said.err


def test_facts_wait_in_the_park_and_are_given_up_too(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    here.after("ask", "guests/1", "come", "name=Ann")
    visits = Here(here.folder, domains(tmp_path, visits=VISITS))
    with opened(here.folder) as ports:
        for n, name in enumerate(("Came", "Left", "Came"), 1):
            line = came("7", 1).replace(b'"guests"', b'"visits"').replace(b"Came", name.encode())
            put(ports, lane_of(Aggregate("main", "visits", "7")), bundled([line], "door", n))
    assert visits("show", "visit/7", "--json").data["visits"] == 1
    shown = visits("parked", "show", "visit", "7", "--json").data
    assert [one["type"] for one in shown["events"]] == ["Left", "Came"]
    said = visits("parked", "discard", "visit", "7", "--yes")
    assert (said.code, said.out.splitlines()[-1]) == (0, "visits.Visit visits/7 goes on")
    assert visits("show", "visit/7", "--json").data["visits"] == 2


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("show", "guest", "9"), 1, "guests/9 is not parked in guests.Guest"),
        (("retry", "guest", "9"), 1, "guests/9 is not parked in guests.Guest"),
        (("discard", "guest", "9", "--yes"), 1, "guests/9 is not parked in guests.Guest"),
        (("list", "gest"), 2, "no view is called 'gest'; there are guests.Guest"),
        (("show", "guest", ""), 2, "ID has from 1 to 256 characters"),
    ],
)
def test_what_is_not_there_is_one_line(
    words: tuple[str, ...], code: int, why: str, guests: Here
) -> None:
    said = guests("parked", *words)
    assert (said.code, said.out) == (code, "")
    (line,) = said.err.splitlines()
    assert why in line


@pytest.mark.parametrize(
    "words", [("list",), ("retry",), ("show", "a", "b"), ("discard", "a", "b")]
)
def test_where_nothing_was_begun_nothing_waits(words: tuple[str, ...], tmp_path: Path) -> None:
    said = Here(tmp_path / "data")("parked", *words)
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err
