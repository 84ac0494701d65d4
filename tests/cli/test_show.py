"""`mainstem show`: a row with all that was committed by now, or why it can't be."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.locks import UP, WORK, held
from tests.cli.desk import Here, domains, somebody_at_work
from tests.cli.guests import CHANGED, FORGETFUL, GUESTS, feed


@pytest.fixture
def guests(tmp_path: Path) -> Here:
    return Here(tmp_path / "data", domains(tmp_path, guests=GUESTS))


def with_code(guests: Here, source: str) -> Here:
    """The same folder, and later code."""
    return Here(guests.folder, domains(guests.folder.parent, guests=source))


def test_a_row_is_shown_with_its_columns(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    said = here("show", "ticket/7f2")
    assert (said.code, said.err) == (0, "")
    assert "title        It burns\n" in said.out
    assert 'people       ["ann"]\n' in said.out
    assert "_watchers" not in said.out
    data = here("show", "ticket/7f2", "--json").data
    assert (data["id"], data["version"], data["title"]) == ("7f2", 1, "It burns")


@pytest.mark.parametrize("view", ["channel_summary", "ChannelSummary"])
def test_a_view_is_spelt_as_in_sql_or_as_in_its_file(view: str, here: Here) -> None:
    here.after("ask", "channels/4c", "create", "name=News")
    assert "name         News" in here("show", f"{view}/4c").out


def test_a_keyed_row_has_its_key_behind_the_id(here: Here) -> None:
    for words in (["create", "name=News"], ["join"], ["send", "text=Hello"]):
        here.after("ask", "channels/a/b", *words, "--as", "ann")
    assert here("show", "message/a/b/ann/1").code == 1
    said = here("show", "message/a/b", "--key", "ann/1")
    assert "text        Hello" in said.out
    here.after("ask", "channels/4c", "create", "name=Olds", "--as", "ann")
    here.after("ask", "channels/4c", "join", "--as", "ann")
    here.after("ask", "channels/4c", "send", "text=Goodbye", "--as", "ann")
    assert "text        Goodbye" in here("show", "message/4c/ann/1").out


def test_the_owner_reads_everything_and_others_what_they_may(here: Here) -> None:
    here.after("ask", "users", "register", "name=Ann", "--as", "ann")
    assert here("show", "user/ann").code == 0
    assert here("show", "user/ann", "--as", "ann").code == 0
    said = here("show", "user/ann", "--as", "bob")
    assert (said.code, said.out, said.err) == (1, "", "mainstem: bob may not read this\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ticket/none",), "no such ticket"),
        (("channel/4c/x",), "no such channel"),
    ],
)
def test_what_is_not_there_is_exit_code_1(words: tuple[str, ...], why: str, here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    said = here("show", *words)
    assert (said.code, said.out, said.err) == (1, "", f"mainstem: {why}\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("tickets/7f2",), "no view is called 'tickets'; did you mean ticket?"),
        (("ticket",), "say which: ticket/ID"),
        (("ticket/",), "ID has from 1 to 256 characters"),
        (("message/4c",), "message has a row for each key: say message/ID/KEY"),
        (("ticket/7f2", "--key", "a"), "ticket has one row for each ID; leave out --key"),
    ],
)
def test_an_address_that_can_not_be_is_wrong_usage(
    words: tuple[str, ...], why: str, here: Here
) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    said = here("show", *words)
    assert (said.code, said.out) == (2, "")
    (line,) = said.err.splitlines()
    assert why in line


def test_where_nothing_was_begun_nothing_is_made(nowhere: Here) -> None:
    said = nowhere("show", "ticket/7f2")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet; `mainstem ask` or `mainstem up` begins" in said.err
    assert not nowhere.folder.exists()


@pytest.mark.slow
def test_a_version_that_does_not_come_is_not_now(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    assert here("show", "ticket/7f2", "--version", "1").code == 0
    said = here("show", "ticket/7f2", "--version", "2")
    assert (said.code, said.out) == (3, "")
    assert said.err == "mainstem: it is at version 1 only; run it again\n"


def test_beside_whoever_is_at_work_it_waits_for_the_row(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    with somebody_at_work(here):
        for n in range(2, 12):
            here.after("ask", "tickets/7f2", "comment", f"text=Number {n}")
            assert here("show", "ticket/7f2", "--json").data["version"] == n


@pytest.mark.slow
def test_where_whoever_is_at_work_rests_it_shows_what_there_is(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    with held(guests.folder, WORK):
        guests.after("ask", "guests/1", "come", "name=Bob")
        said = guests("show", "guest/1", "--json")
    assert (said.code, said.data["version"]) == (0, 1)
    assert "guests/1 is shown as of version 1; later events are on their way" in said.err
    assert guests("show", "guest/1", "--json").data["version"] == 2


def test_a_view_that_changed_is_folded_anew_before_it_is_shown(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    later = with_code(guests, CHANGED)
    said = later("show", "guest/1")
    assert "visits" in said.out
    assert said.err == "guests.Guest changed: folding it anew, 1 to do\n"
    assert later("show", "guest/1").err == ""
    assert with_code(guests, GUESTS)("show", "guest/1", "--quiet").err == ""


def test_older_code_that_is_up_has_to_be_restarted(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    with held(guests.folder, UP) as up, held(guests.folder, WORK):
        assert up is not None
        up.say(address="http://127.0.0.1:8400")
        said = with_code(guests, CHANGED)("show", "guest/1")
    assert (said.code, said.out) == (3, "")
    assert said.err == "mainstem: Guest changed since `mainstem up` started; restart it\n"


def test_a_row_behind_what_is_parked_says_so(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    with held(guests.folder, WORK):
        guests.after("ask", "guests/1", "muse", "thought=Hm")
    later = with_code(guests, FORGETFUL)
    said = later("show", "guest/1", "--json")
    assert (said.code, said.data["version"]) == (0, 1)
    assert "later events are parked: version 2: guests: no event is called Mused" in said.err


def test_a_row_that_is_parked_from_the_first_says_so(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=Ann")
    feed(guests, "2", version=2)
    said = guests("show", "guest/2")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "mainstem: no such guest; later events are parked: version 1 is missing from the journal\n"
    )


def test_what_could_command_a_terminal_is_only_shown(guests: Here) -> None:
    guests.after("ask", "guests/1", "come", "name=a\x1b[31m\nb")
    assert r"name        a\x1b[31m\nb" in guests("show", "guest/1").out
    for words in (["history", "guests/1"], ["list", "guest"]):
        assert "\x1b" not in guests.after(*words).out


def renamed(here: Here) -> Here:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    here.after("ask", "tickets/7f2", "rename", "title=Fire", "--as", "ann")
    here.after("ask", "tickets/7f2", "comment", "text=Help", "--as", "bob")
    return here


def test_a_row_is_shown_as_it_was(here: Here) -> None:
    asked = renamed(here)
    for version, title, people in ((1, "It burns", ["ann"]), (2, "Fire", ["ann"])):
        row = asked("show", "ticket/7f2", "--version", str(version), "--json").data
        assert (row["version"], row["title"], row["people"]) == (version, title, people)
    events = asked("history", "tickets/7f2", "--json").data["events"]
    row = asked("show", "ticket/7f2", "--at", events[1]["at"], "--json").data
    assert (row["version"], row["title"]) == (2, "Fire")
    said = asked("show", "ticket/7f2", "--at", "2000-01-01T00:00:00Z")
    assert (said.code, said.err) == (1, "mainstem: there was no such ticket then\n")


def test_facts_are_shown_as_they_were(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "looks.csv"
    rows = (f"eve,Viewed,2026-06-0{n}T09:00:00Z,/{n},5" for n in range(1, 5))
    file.write_text("id,type,at,page,ms\n" + "\n".join(rows) + "\n")
    here.after("ingest", "clicks", str(file))
    for words, views in ((["--version", "2"], 2), (["--at", "2026-06-03T12:00:00Z"], 3), ([], 4)):
        assert here("show", "visitor/eve", *words, "--json").data["views"] == views
    said = here("show", "visitor/eve", "--why", "views", "--version", "3")
    assert said.out.splitlines()[0] == "views 3, before 2"


def test_why_a_field_is_what_it_is(here: Here) -> None:
    asked = renamed(here)
    said = asked("show", "ticket/7f2", "--why", "title")
    assert said.out.startswith("title Fire, before It burns\n   2  ")
    assert said.out.endswith('  ann           Renamed  {"title": "Fire"}\n')
    because = asked("show", "ticket/7f2", "--why", "people", "--json").data
    assert (because["value"], because["event"]["version"]) == (["ann", "bob"], 3)
    assert asked("show", "ticket/7f2", "--why", "assignee").err == (
        "mainstem: no event has given assignee a value\n"
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--version", "1", "--at", "2026-01-31T09:00Z"], "two moments; say one"),
        (["--at", "soon"], "--at soon: say a moment with its zone"),
        (["--at", "2026-01-31T09:00"], "say a moment with its zone"),
        (["--why", "titel"], "no field of Ticket is called 'titel'; did you mean title?"),
        (["--why", "title", "--as", "bob"], "events, which are for whoever owns the folder"),
    ],
)
def test_what_of_the_past_can_not_be_asked_is_said(here: Here, words: list[str], why: str) -> None:
    said = here("show", "ticket/7f2", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_of_the_past_others_read_what_they_may(here: Here) -> None:
    here.after("ask", "users", "register", "name=Ann", "--as", "ann")
    at = here("history", "users/ann", "--json").data["events"][0]["at"]
    assert here("show", "user/ann", "--at", at, "--as", "ann").code == 0
    said = here("show", "user/ann", "--at", at, "--as", "bob")
    assert (said.code, said.err) == (1, "mainstem: bob may not read this\n")
