"""One-time codes: asked for, sent once, proved once; and what a proof opens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.applications.asked import due, no, wrong, yes
from tests.http.house import House
from tests.http.test_commands import code_of

ORG = {"name": "The Kettle", "location": "Harbour Lane 4"}


def asked(to: str, role: str = "org", country: str = "TH") -> dict[str, str]:
    return {"to": to, "country": country, "role": role}


def proved(house: House, to: str) -> Any:
    """What the right code is answered with."""
    yes(house.ask("/v1/otp/request", asked(to), ""))
    return yes(house.ask("/v1/otp/verify", {"to": to, "code": code_of(house, to)}, ""))["answer"]


@pytest.mark.parametrize(
    ("body", "effect"),
    [(asked("tea@kettle.example"), "Mail"), (asked("+6591234567", "worker", "SG"), "Sms")],
)
def test_one_code_is_due_to_be_sent_and_stands_nowhere(
    house: House, body: dict[str, str], effect: str
) -> None:
    yes(house.ask("/v1/otp/request", body, ""))
    (one,) = due(house, "otp", body["to"])
    assert (one["effect"], one["to"]) == (effect, body["to"])
    assert one["data"]["code"] == {"digits": 5, "of": 1}  # a recipe


@pytest.mark.parametrize("to", ["nowhere", "a@b", "12345"])
def test_a_bad_address_is_refused(house: House, to: str) -> None:
    assert wrong(house.ask("/v1/otp/request", asked(to), "")) == ["/to"]


def test_the_right_code_becomes_a_token_of_its_role(house: House) -> None:
    token = proved(house, "org@kettle.example")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    yes(house.client.post("/v1/orgs/create", json=ORG, headers=headers))
    no(house.client.get("/v1/otp/org%40kettle.example/events", headers=headers), 403)


def test_a_code_is_proved_once_and_a_wrong_one_never(house: House) -> None:
    to = "once@kettle.example"
    proved(house, to)
    code = code_of(house, to)
    assert no(house.ask("/v1/otp/verify", {"to": to, "code": code}, ""), 422) == (
        "ask for a new code"
    )
    yes(house.ask("/v1/otp/request", asked(to), ""))
    wrong_one = "00000" if code_of(house, to) != "00000" else "00001"
    assert no(house.ask("/v1/otp/verify", {"to": to, "code": wrong_one}, ""), 422) == "wrong code"


def test_a_fourth_code_within_the_hour_is_too_soon_and_says_when(house: House) -> None:
    for _ in range(3):
        yes(house.ask("/v1/otp/request", asked("soon@kettle.example"), ""))
    answer = house.ask("/v1/otp/request", asked("soon@kettle.example"), "")
    assert no(answer, 429) == "too many codes; wait a little"
    assert 3000 < int(answer.headers["Retry-After"]) <= 3600
