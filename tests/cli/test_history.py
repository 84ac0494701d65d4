"""`mainstem history`: what happened to one aggregate, as it was stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.history import RECORDS_PER_STEP
from tests.cli.desk import Here


def test_events_stand_in_order_a_line_each(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    here.after("ask", "tickets/7f2", "comment", "text=Büroküche", "--as", "bob")
    said = here("history", "tickets/7f2")
    assert (said.code, said.err) == (0, "")
    first, second = said.out.splitlines()
    assert first.split()[0] == "1"
    assert first.endswith('ann           Submitted  {"title": "It burns", "author": "ann"}')
    assert second.split()[0] == "2"
    assert 'Commented  {"author": "bob", "text": "Büroküche", "mood": 0}' in second


def test_the_same_as_data(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns", "--as", "ann")
    data = here("history", "tickets/7f2", "--json").data
    (event,) = data["events"]
    assert (data["domain"], data["id"]) == ("tickets", "7f2")
    assert (event["version"], event["type"], event["by"]) == (1, "Submitted", "ann")
    assert event["data"] == {"title": "It burns", "author": "ann"}


@pytest.mark.slow
def test_a_long_history_is_told_to_its_end(here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    for n in range(RECORDS_PER_STEP):
        here.after("ask", "tickets/7f2", "comment", f"text=Number {n}")
    events = here("history", "tickets/7f2", "--json").data["events"]
    assert [one["version"] for one in events] == list(range(1, RECORDS_PER_STEP + 2))


def test_it_needs_no_domain_files(here: Here, tmp_path: Path) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    assert Here(here.folder, tmp_path / "none")("history", "tickets/7f2").code == 0


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("tickets/none", "nothing is journalled of tickets/none\n"),
        ("ticket/7f2", "nothing is journalled of ticket/7f2; did you mean tickets/…?\n"),
        ("acme:tickets/7f2", "nothing is journalled of acme:tickets/7f2\n"),
    ],
)
def test_what_never_happened_is_exit_code_1(where: str, why: str, here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    said = here("history", where)
    assert (said.code, said.out, said.err) == (1, "", f"mainstem: {why}")


@pytest.mark.parametrize("where", ["tickets", "tickets/", ""])
def test_an_address_says_which(where: str, here: Here) -> None:
    here.after("ask", "tickets/7f2", "submit", "title=It burns")
    said = here("history", where)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) == 1


def test_where_nothing_was_begun_nothing_happened(nowhere: Here) -> None:
    said = nowhere("history", "tickets/7f2")
    assert (said.code, said.out) == (1, "")
    assert "nothing is stored there yet" in said.err
    assert not nowhere.folder.exists()
