"""`mainstem list`: rows in a declared order, a page at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.locks import WORK, held
from tests.cli.desk import Here, domains
from tests.cli.guests import GUESTS


@pytest.fixture
def tickets(here: Here) -> Here:
    for id, title in (("1", "It burns"), ("2", "It is wet"), ("3", "It burns again")):
        here.after("ask", f"tickets/{id}", "submit", f"title={title}", "--as", "ann")
    here.after("ask", "tickets/2", "close", "reason=dry", "--as", "ann")
    return here


def ids(here: Here, *words: str) -> list[str]:
    said = here("list", "ticket", "--json", *words)
    assert said.code == 0, said.err
    return [row["id"] for row in said.data["rows"]]


def test_the_columns_that_are_named_choose_the_list(tickets: Here) -> None:
    assert ids(tickets) == ["3", "2", "1"]
    assert ids(tickets, "status=open") == ["3", "1"]
    assert ids(tickets, "priority=normal") == ["3", "2", "1"]
    assert ids(tickets, "--index", "crossest") == ["1", "3"]
    assert ids(tickets, "--index", "by_assignee") == ["3", "2", "1"]


def test_words_are_looked_for_in_what_was_just_committed(tickets: Here) -> None:
    assert sorted(ids(tickets, "--search", "burns")) == ["1", "3"]
    assert ids(tickets, "--search", "again burns") == ["3"]
    assert ids(tickets, "--search", "nothing") == []
    assert ids(tickets, "--search", "wet", "--index", "words") == ["2"]


@pytest.mark.parametrize("words", [(), ("--search", "it")])
def test_pages_follow_on_each_other(words: tuple[str, ...], tickets: Here) -> None:
    first = tickets("list", "ticket", "--json", "--limit", "2", *words)
    assert "there are more: --next " in first.err
    place = first.data["next"]
    last = tickets("list", "ticket", "--json", "--limit", "2", "--next", place, *words)
    assert (last.err, last.data["next"]) == ("", None)
    found = [row["id"] for said in (first, last) for row in said.data["rows"]]
    assert sorted(found) == ["1", "2", "3"]


def test_lines_are_aligned_under_their_headings(tickets: Here) -> None:
    said = tickets("list", "ticket", "status=open", "--limit", "1", "--quiet")
    assert (said.code, said.err) == (0, "")
    heading, line = said.out.splitlines()
    assert heading.startswith("ID  VERSION  STATUS  OPENED_AT  ")
    assert line.startswith("3   1        open    ")
    assert "PEOPLE" not in heading  # a list is too long for a line


def test_a_list_of_nothing_says_so(tickets: Here) -> None:
    assert tickets("list", "ticket", "status=reopened").out == "no rows\n"
    assert tickets("list", "ticket", "status=reopened", "--json").data == {
        "rows": [],
        "next": None,
    }


def test_the_owner_reads_everything_and_others_what_they_may(here: Here) -> None:
    here.after("ask", "channels/4c", "create", "name=News", "--as", "ann")
    here.after("ask", "channels/5d", "create", "name=Olds", "--as", "ann")
    here.after("ask", "channels/4c", "join", "--as", "ann")
    here.after("ask", "channels/4c", "send", "text=Hello", "--as", "ann")
    words = ("list", "message", "--index", "newest", "id=4c", "--json")
    for asked in ((), ("--as", "bob")):
        (row,) = here(*words, *asked).data["rows"]
        assert (row["id"], row["key"], row["text"]) == ("4c", "ann/1", "Hello")


def test_what_somebody_may_not_read_is_not_listed_for_them(here: Here) -> None:
    words = ("list", "product", "--index", "dearest", "key=tea", "--json")
    here.after("ask", "tickets/1", "submit", "title=a")
    assert here(*words).data["rows"] == []
    assert here(*words, "--as", "bob", "--role", "analyst").data["rows"] == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("tickets",), "no view is called 'tickets'; did you mean ticket?"),
        (("ticket", "open"), "'open': say column=value"),
        (("ticket", "mood=1"), "Ticket has no list by mood; there are: newest, by_status status=…"),
        (("user",), "User has no list; there are: none"),
        (("ticket", "--index", "newst"), "no list of Ticket is called 'newst'; did you mean"),
        (("ticket", "--index", "newest", "status=open"), "status is no parameter here"),
        (("product", "--index", "dearest"), "key is missing"),
        (("visitor", "standing=loker"), "standing is one of buyer, looker, regular"),
        (("ticket", "status=open", "status=closed"), "status stands twice"),
        (("ticket", "status=a\udcff"), "query is no UTF-8"),
        (("ticket", "--next", "abc"), "next is the `next` of an earlier page of the same list"),
        (("ticket", "--search", "it", "--next", "abc"), "next is the `next` of an earlier page"),
        (("ticket", "--search", " "), "--search takes one word or more"),
        (("ticket", "--search", "a", "status=open"), "--search looks at all rows"),
        (("ticket", "--search", "a", "--index", "word"), "no search of Ticket is called 'word'"),
        (("user", "--search", "a"), "User can't be searched"),
        (("ticket", "--as", "system"), "nobody else does"),
    ],
)
def test_what_can_not_be_meant_is_one_line(words: tuple[str, ...], why: str, here: Here) -> None:
    here.after("ask", "tickets/1", "submit", "title=a")
    said = here("list", *words)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert why in line


def test_where_nothing_was_begun_there_is_nothing_to_list(nowhere: Here) -> None:
    said = nowhere("list", "ticket")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err


@pytest.mark.slow
def test_what_is_on_its_way_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    guests = Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))
    guests.after("ask", "guests/1", "come", "name=Ann")
    with held(guests.folder, WORK):
        guests.after("ask", "guests/2", "come", "name=Bob")
        said = guests("list", "guest", "--json")
    assert (said.code, len(said.data["rows"])) == (0, 1)
    assert said.err == "mainstem: not all that was committed is in it yet; run it again\n"
