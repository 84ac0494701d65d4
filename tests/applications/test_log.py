"""The log: numbered without a hole, written once, and by nobody but the server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from mainstem.aggregate import Aggregate
from mainstem.ports import Record
from mainstem.protocol.drive import drive
from tests.applications.asked import no, seen, wrong, yes
from tests.http.house import House

FIRE = {"title": "It burns"}
WRITERS = 20


def records(house: House, id: str) -> tuple[Record, ...]:
    """Everything that is written of a ticket."""
    return drive(house.ports.journal.records(Aggregate("main", "tickets", id), 0, 1_000))


def events(house: House, id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yes(
        house.read(f"/v1/tickets/{id}/events?limit=100", "op", "operator")
    )["events"]
    return found


def comment(house: House, id: str, text: str = "Still") -> Any:
    return yes(house.ask(f"/v1/tickets/{id}/comment", {"text": text}))


@contextmanager
def full_disk(house: House) -> Iterator[None]:
    """The journal's file may not grow any more."""
    store = house.ports.folder.journal
    store.write(lambda db: db.execute("PRAGMA max_page_count = 1"))
    try:
        yield
    finally:
        store.write(lambda db: db.execute("PRAGMA max_page_count = 4294967294"))


def test_n_commands_make_n_versions_without_a_hole(house: House) -> None:
    yes(house.ask("/v1/tickets/counted/submit", FIRE))
    with ThreadPoolExecutor(WRITERS) as crowd:
        said = crowd.map(lambda n: comment(house, "counted", f"{n}")["version"], range(WRITERS))
    every = list(range(1, WRITERS + 2))
    assert [1, *sorted(said)] == every
    assert [one["version"] for one in events(house, "counted")] == every


@pytest.mark.parametrize("forged", ["at", "by", "version", "id", "command"])
def test_what_is_the_logs_to_say_is_in_no_body(house: House, forged: str) -> None:
    said = house.ask("/v1/tickets/forged/submit", {**FIRE, forged: "2001-01-01T00:00:00Z"})
    assert wrong(said) == [f"/{forged}"]
    assert records(house, "forged") == ()


def test_who_asked_and_when_is_written_by_the_server(house: House) -> None:
    before = drive(house.ports.clock.now())
    yes(house.ask("/v1/tickets/signed/submit", FIRE, "bob"))
    (record,) = records(house, "signed")
    assert before <= record.at <= drive(house.ports.clock.now())
    assert events(house, "signed")[0]["by"] == "bob"


def test_a_request_that_comes_twice_is_written_once(house: House) -> None:
    for _ in range(2):
        yes(house.ask("/v1/tickets/twice/submit", FIRE, headers={"Idempotency-Key": "k"}))
    assert len(records(house, "twice")) == 1


def test_where_the_store_fails_it_is_told_and_nothing_is_shown(house: House) -> None:
    yes(house.ask("/v1/tickets/full/submit", FIRE))
    long, answered = "x" * 4_000, 0
    with full_disk(house):
        while (answer := house.ask("/v1/tickets/full/comment", {"text": long})).is_success:
            answered += 1
        assert no(answer, 503) == "not now; nothing was done; ask again"
        assert answer.headers["Retry-After"] == "1"
    assert seen(house, "/v1/ticket/full")["comments"] == answered
    assert comment(house, "full")["version"] == answered + 2


def test_no_event_changes_whatever_happens_after_it(house: House) -> None:
    yes(house.ask("/v1/tickets/kept/submit", FIRE))
    before = [one.events for one in records(house, "kept")]
    comment(house, "kept")
    yes(house.ask("/v1/tickets/kept/rename", {"title": "Fire"}))
    house.caught_up()
    assert [one.events for one in records(house, "kept")][:1] == before
