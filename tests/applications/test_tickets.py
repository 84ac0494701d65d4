"""Tickets: submitted, found, worked on, watched; all of it told in order."""

from __future__ import annotations

from typing import Any

from tests.applications.asked import due, listed, no, seen, yes
from tests.http.house import House


def ticket(house: House, title: str, by: str = "ann") -> str:
    id: str = yes(house.ask("/v1/tickets/submit", {"title": title}, by))["id"]
    return id


def change(house: House, id: str, command: str, by: str = "ann", **body: Any) -> None:
    yes(house.ask(f"/v1/tickets/{id}/{command}", body, by))


def test_a_submitted_ticket_is_listed_and_shown(house: House) -> None:
    id = ticket(house, "It burns")
    assert listed(house, "/v1/ticket?index=newest&limit=1") == [id]
    assert seen(house, f"/v1/ticket/{id}")["title"] == "It burns"


def test_what_was_never_submitted_is_neither_shown_nor_changed(house: House) -> None:
    no(house.read("/v1/ticket/never"), 404)
    no(house.ask("/v1/tickets/never/rename", {"title": "Fire"}), 404)


def test_a_ticket_is_found_by_what_it_is_now(house: House) -> None:
    id = ticket(house, "Drip")
    change(house, id, "rename", title="Flood")
    change(house, id, "prioritize", "bob", priority="high")
    change(house, id, "assign", "bob", assignee="cid")
    change(house, id, "close", "cid", reason="mopped")
    change(house, id, "reopen")
    for query in (
        "search=flood", "index=by_priority&priority=high", "index=by_assignee&assignee=cid",
        "index=by_status&status=reopened",
    ):  # fmt: skip
        assert listed(house, f"/v1/ticket?{query}") == [id]
    assert listed(house, "/v1/ticket?search=drip") == []


def test_markup_comes_back_as_it_was_written_and_as_json(house: House) -> None:
    script = "<script>alert('tea')</script>"
    id = ticket(house, script)
    answer = house.caught_up().read(f"/v1/ticket/{id}")
    assert yes(answer)["title"] == script
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_comments_people_and_mood_add_up(house: House) -> None:
    id = ticket(house, "Scone")
    for by, text in (("bob", "Thanks, it works"), ("cid", "Terrible"), ("bob", "Still glad")):
        change(house, id, "comment", by, text=text)
    row = seen(house, f"/v1/ticket/{id}")
    assert (row["comments"], row["people"], row["mood"]) == (3, ["ann", "bob", "cid"], 2)


def test_its_history_tells_each_event_with_who_and_when(house: House) -> None:
    id = ticket(house, "Kettle")
    change(house, id, "comment", "bob", text="Hot")
    change(house, id, "close", reason="cold")
    events = yes(house.read(f"/v1/tickets/{id}/events", "op", "operator"))["events"]
    assert [(one["type"], one["by"]) for one in events] == [
        ("Submitted", "ann"), ("Commented", "bob"), ("Closed", "ann"),
    ]  # fmt: skip
    assert [one["at"] for one in events] == sorted(one["at"] for one in events)


def test_each_watcher_is_due_to_be_told_of_each_event_once(house: House) -> None:
    id = ticket(house, "Leak")
    for address in ("bob@example.org", "https://hook.example.org/x"):
        change(house, id, "watch", address=address)
    change(house, id, "comment", text="Drip")
    change(house, id, "close", reason="dry")
    told = [(one["effect"], one["data"]["event"]) for one in due(house, "tickets", id)]
    assert sorted(told) == [
        ("Call", "Closed"), ("Call", "Commented"), ("Mail", "Closed"), ("Mail", "Commented"),
    ]  # fmt: skip
