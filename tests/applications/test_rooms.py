"""Rooms, as their host and everybody else meets them through the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.applications.asked import listed, no, seen, wrong, yes
from tests.http.house import House

NINE = {"cron": "0 9 * * *"}


def room(house: House, name: str, **more: str) -> str:
    """The address of a new room of Ann's, below /v1/rooms."""
    id: str = yes(house.ask("/v1/rooms/create", {"name": name, **more}))["id"]
    return id


def test_a_room_is_created_renamed_planned_and_shown(house: House) -> None:
    id = room(house, "Botany", description="Ferns first.")
    yes(house.ask(f"/v1/rooms/{id}/rename", {"name": "Mosses"}))
    plan = yes(house.ask(f"/v1/rooms/{id}/schedule", NINE))["answer"]
    row = seen(house, f"/v1/room/{id}", "")
    assert (row["name"], row["description"], row["host"]) == ("Mosses", "Ferns first.", "ann")
    assert row["schedules"][plan]["cron"] == NINE["cron"]
    assert row["schedules"][plan]["next_at"].endswith("T09:00:00.000000Z")


def test_a_command_answers_with_an_id_or_with_nothing(house: House) -> None:
    id = room(house, "Physics")
    assert yes(house.ask(f"/v1/rooms/{id}/rename", {"name": "Optics"}))["answer"] is None
    plan = yes(house.ask(f"/v1/rooms/{id}/schedule", NINE))["answer"]
    assert yes(house.ask(f"/v1/rooms/{id}/schedule", NINE))["answer"] == plan


def test_who_is_invited_twice_is_one_invitee(house: House) -> None:
    id = room(house, "Choir")
    for who in (["fern", "gus"], ["gus", "hal"]):
        yes(house.ask(f"/v1/rooms/{id}/invite", {"kind": "person", "who": who}))
    yes(house.ask(f"/v1/rooms/{id}/invite", {"kind": "group", "who": ["fern"]}))
    invitees = seen(house, f"/v1/room/{id}")["invitees"]
    assert sorted(invitees) == ["group/fern", "person/fern", "person/gus", "person/hal"]


def test_a_deleted_room_is_hidden_and_takes_no_more(house: House) -> None:
    id = room(house, "Attic")
    assert id in listed(house, "/v1/room?index=by_name&limit=100", "")
    yes(house.ask(f"/v1/rooms/{id}/delete"))
    assert id not in listed(house, "/v1/room?index=by_name&limit=100", "")
    no(house.read(f"/v1/room/{id}"), 403)
    assert no(house.ask(f"/v1/rooms/{id}/schedule", NINE), 422) == "this room is deleted"


def test_rooms_are_listed_by_name_and_one_that_is_not_there_is_missing(house: House) -> None:
    ids = [room(house, name) for name in ("Zoology", "Zen", "Zoom")]
    shown = listed(house, "/v1/room?index=by_name&limit=100", "")
    assert [id for id in shown if id in ids] == [ids[1], ids[0], ids[2]]
    no(house.read("/v1/room/never"), 404)


def test_a_room_is_its_hosts(house: House) -> None:
    id = room(house, "Study")
    no(house.ask(f"/v1/rooms/{id}/rename", {"name": "Mine"}, "bob"), 403)
    no(house.ask(f"/v1/rooms/{id}/delete", {}, ""), 401)
    assert seen(house, f"/v1/room/{id}")["name"] == "Study"


@pytest.mark.parametrize(
    ("command", "body", "at"),
    [
        ("rename", {"name": "two\nlines"}, "/name"),
        ("schedule", {"cron": "at nine"}, "/cron"),
        ("schedule", {"cron": "0 9 31 2 *"}, "/cron"),
        ("schedule", {**NINE, "stop_after": "tomorrow"}, "/stop_after"),
        ("invite", {"kind": "ghost", "who": ["fern"]}, "/kind"),
        ("invite", {"kind": "person", "who": []}, "/who"),
    ],
)
def test_a_bad_value_is_named_and_makes_no_event(
    house: House, command: str, body: dict[str, Any], at: str
) -> None:
    id = room(house, "Cellar")
    assert wrong(house.ask(f"/v1/rooms/{id}/{command}", body)) == [at]
    assert seen(house, f"/v1/room/{id}")["version"] == 1


def test_the_events_of_a_room_are_listed_in_order(house: House) -> None:
    id = room(house, "Archive")
    yes(house.ask(f"/v1/rooms/{id}/rename", {"name": "Registry"}))
    yes(house.ask(f"/v1/rooms/{id}/delete"))
    events = yes(house.read(f"/v1/rooms/{id}/events", "op", "operator"))["events"]
    assert [(one["version"], one["type"]) for one in events] == [
        (1, "Created"), (2, "Renamed"), (3, "Deleted"),
    ]  # fmt: skip
