"""Organisations: each writes its own page, within limits; workers read it."""

from __future__ import annotations

import pytest

from tests.applications.asked import listed, no, seen, wrong, yes
from tests.http.house import House

KETTLE = {"name": "The Kettle", "location": "Harbour Lane 4", "description": "Tea."}


def test_it_is_created_once_and_updated_after(house: House) -> None:
    no(house.ask("/v1/orgs/update", KETTLE, "kettle", "org"), 404)
    for _ in range(2):
        assert yes(house.ask("/v1/orgs/create", KETTLE, "kettle", "org"))["version"] == 1
    other = {**KETTLE, "location": "Harbour Lane 5"}
    assert "update it" in no(house.ask("/v1/orgs/create", other, "kettle", "org"), 422)
    assert yes(house.ask("/v1/orgs/update", other, "kettle", "org"))["version"] == 2


def test_its_newest_version_is_read_by_itself_and_by_workers(house: House) -> None:
    yes(house.ask("/v1/orgs/create", KETTLE, "pot", "org"))
    yes(house.ask("/v1/orgs/update", {**KETTLE, "description": ""}, "pot", "org"))
    for caller in (("pot",), ("wim", "worker")):
        row = seen(house, "/v1/org/pot", *caller)
        assert (row["version"], row["description"]) == (2, "")
    no(house.read("/v1/org/pot", "bob"), 403)
    no(house.read("/v1/org/pot", ""), 401)
    assert "pot" in listed(house, "/v1/org?search=harbour", "wim", "worker")
    assert "pot" not in listed(house, "/v1/org?search=harbour", "bob")


@pytest.mark.parametrize(
    ("field", "characters_max"), [("name", 120), ("location", 150), ("description", 1_200)]
)
def test_a_text_has_a_length(house: House, field: str, characters_max: int) -> None:
    by = f"org {field}"
    long = {**KETTLE, field: "x" * (characters_max + 1)}
    assert wrong(house.ask("/v1/orgs/create", long, by, "org")) == [f"/{field}"]
    just = {**KETTLE, field: "x" * characters_max}
    assert yes(house.ask("/v1/orgs/create", just, by, "org"))["version"] == 1


@pytest.mark.parametrize("roles", [(), ("worker",)])
def test_another_role_writes_nothing(house: House, roles: tuple[str, ...]) -> None:
    no(house.ask("/v1/orgs/create", KETTLE, "wim", *roles), 403)
