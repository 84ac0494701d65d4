"""Commands over HTTP: decided once, answered with a version, refused in words."""

from __future__ import annotations

from urllib.parse import quote

import jwt
import pytest
from httpx import Response

from domains.otp import the_code
from mainstem.aggregate import Aggregate
from mainstem.protocol.drive import drive
from mainstem.protocol.standing import Standing
from tests.http.house import DOMAINS, KEY, House, signed

FIRE = {"title": "It burns"}
ORG = {"name": "The Kettle", "location": "Harbour Lane 4", "description": ""}


def told(answer: Response, status: int) -> dict[str, object]:
    """What the body says, of an answer with this status."""
    assert answer.status_code == status, answer.text
    said: dict[str, object] = answer.json()
    return said


def test_something_new_is_answered_with_its_address(house: House) -> None:
    answer = house.ask("/v1/tickets/submit", FIRE)
    said = told(answer, 201)
    assert said == {"id": said["id"], "version": 1, "answer": None, "happened": True}
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/v1/ticket/{said['id']}"
    seen = house.caught_up().read(answer.headers["Location"]).json()
    assert (seen["title"], seen["author"], seen["version"]) == ("It burns", "ann", 1)


def test_a_change_is_answered_with_the_next_version(house: House) -> None:
    id = house.ask("/v1/tickets/submit", FIRE).json()["id"]
    answer = house.ask(f"/v1/tickets/{id}/rename", {"title": "Fire"})
    assert told(answer, 200) == {"id": id, "version": 2, "answer": None, "happened": True}
    assert "Location" not in answer.headers


def test_nothing_to_do_is_answered_with_the_same_version(house: House) -> None:
    id = house.ask("/v1/tickets/submit", FIRE).json()["id"]
    said = told(house.ask(f"/v1/tickets/{id}/rename", FIRE), 200)
    assert said == {"id": id, "version": 1, "answer": None, "happened": False}


def test_the_address_may_say_the_id_of_something_new(house: House) -> None:
    assert told(house.ask("/v1/tickets/kettle-1/submit", FIRE), 201)["id"] == "kettle-1"
    assert told(house.ask("/v1/tickets/kettle-1/submit", FIRE), 200)["happened"] is False


@pytest.mark.parametrize(
    "id", ["ann@example.org", "a/b", "a//b/", "50%", "a%2Fb", "tea & cake?", "#1", "お茶", "+", "."]
)
def test_an_id_may_hold_anything_that_can_be_printed(house: House, id: str) -> None:
    at = quote(f"{id}~", safe="")
    told(house.ask(f"/v1/tickets/{at}/submit", FIRE), 201)
    assert house.caught_up().read(f"/v1/ticket/{at}").json()["id"] == f"{id}~"


@pytest.mark.parametrize("id", ["%00", "a%0Ab", "%FF", "a" * 257, "%E2%80%AE"])
def test_an_id_that_can_not_be_is_refused(house: House, id: str) -> None:
    said = told(house.ask(f"/v1/tickets/{id}/submit", FIRE), 400)
    assert said["errors"] == [{"at": "id", "detail": said["errors"][0]["detail"]}]  # type: ignore[index]


def test_an_answer_comes_with_its_command(house: House) -> None:
    id = house.ask("/v1/channels/create", {"name": "tea talk"}).json()["id"]
    told(house.ask(f"/v1/channels/{id}/join"), 200)
    said = told(house.ask(f"/v1/channels/{id}/send", {"text": "Who has milk?"}), 200)
    assert said["answer"] == "ann/1"


def test_a_command_without_fields_needs_no_body(house: House) -> None:
    id = house.ask("/v1/channels/create", {"name": "silence"}).json()["id"]
    told(house.ask(f"/v1/channels/{id}/join"), 200)
    told(house.ask(f"/v1/channels/{id}/leave", {}), 200)
    assert told(house.ask("/v1/tickets/submit"), 400)["errors"] == [
        {"at": "/title", "detail": "is missing"}
    ]


def test_a_command_may_say_itself_of_what_it_is(house: House) -> None:
    created = house.ask("/v1/orgs/create", ORG, "kettle", "org")
    assert told(created, 201)["id"] == "kettle"
    assert told(house.ask("/v1/orgs/update", ORG, "kettle", "org"), 200)["version"] == 1


def test_a_grant_becomes_a_token_that_lets_its_bearer_in(house: House) -> None:
    to = "org@kettle.example"
    told(house.ask("/v1/otp/request", {"to": to, "country": "TH", "role": "org"}, ""), 201)
    said = told(house.ask("/v1/otp/verify", {"to": to, "code": code_of(house, to)}, ""), 200)
    token = said["answer"]["token"]  # type: ignore[index]
    headers = {"Authorization": f"Bearer {token}"}
    told(house.client.post("/v1/orgs/create", json=ORG, headers=headers), 201)


def code_of(house: House, to: str) -> str:
    """The digits as they were sent: nobody stores them."""
    domain, aggregate = DOMAINS["otp"], Aggregate("main", "otp", to)
    otp = domain.states["Otp"]
    standing = Standing(domain, (otp,), aggregate)
    standing.take(drive(house.ports.journal.load(aggregate, "", {"Otp": "none"})))
    code = the_code(standing.state(otp))  # type: ignore[arg-type]
    return code.made(KEY, "main", "otp", to)


class TestRefusals:
    def test_a_no_is_told_in_its_own_words(self, house: House) -> None:
        id = house.ask("/v1/tickets/submit", FIRE).json()["id"]
        house.ask(f"/v1/tickets/{id}/close", {"reason": "out"})
        said = told(house.ask(f"/v1/tickets/{id}/rename", {"title": "Fire"}), 422)
        assert said["title"] == "refused"
        assert said["detail"] == "only an open ticket can be renamed"

    def test_what_is_somebody_elses_is_forbidden(self, house: House) -> None:
        id = house.ask("/v1/tickets/submit", FIRE).json()["id"]
        told(house.ask(f"/v1/tickets/{id}/rename", {"title": "Fire"}, "bob"), 403)

    def test_who_did_not_sign_in_is_asked_to(self, house: House) -> None:
        answer = house.ask("/v1/tickets/nobodys/rename", {"title": "Fire"}, "")
        told(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_what_does_not_exist_is_missing(self, house: House) -> None:
        told(house.ask("/v1/tickets/never/rename", {"title": "Fire"}), 404)

    def test_another_tenants_does_not_exist(self, house: House) -> None:
        id = house.ask("/v1/tickets/submit", FIRE).json()["id"]
        theirs = signed("ann", tenant="acme")
        told(
            house.client.post(f"/v1/tickets/{id}/close", json={"reason": "x"}, headers=theirs), 404
        )

    def test_what_is_taken_is_a_conflict(self, house: House) -> None:
        told(house.ask("/v1/channels/create", {"name": "kettles"}), 201)
        assert told(house.ask("/v1/channels/create", {"name": "kettles"}), 409)["title"] == "taken"

    def test_too_soon_says_when(self, house: House) -> None:
        body = {"to": "late@kettle.example", "country": "TH", "role": "org"}
        for _ in range(3):
            told(house.ask("/v1/otp/request", body, ""), 201 if _ == 0 else 200)
        answer = house.ask("/v1/otp/request", body, "")
        told(answer, 429)
        assert 1 <= int(answer.headers["Retry-After"]) <= 3600

    def test_a_wrong_code_is_refused_and_remembered(self, house: House) -> None:
        to = "wrong@kettle.example"
        house.ask("/v1/otp/request", {"to": to, "country": "TH", "role": "org"}, "")
        right = code_of(house, to)
        wrong = {"to": to, "code": "00000" if right != "00000" else "00001"}
        for _ in range(5):
            assert told(house.ask("/v1/otp/verify", wrong, ""), 422)["detail"] == "wrong code"
        said = told(house.ask("/v1/otp/verify", {"to": to, "code": right}, ""), 422)
        assert said["detail"] == "ask for a new code"


class TestIdempotency:
    def test_a_grant_sent_again_lasts_no_longer(self, house: House) -> None:
        to, key = "again@kettle.example", {"Idempotency-Key": "verify again"}
        house.ask("/v1/otp/request", {"to": to, "country": "TH", "role": "org"}, "")
        body = {"to": to, "code": code_of(house, to)}
        first, again = (
            house.ask("/v1/otp/verify", body, "", headers=key).json()["answer"]["token"]
            for _ in range(2)
        )
        (record,) = (
            one
            for one in drive(house.ports.journal.records(Aggregate("main", "otp", to), 0, 9))
            if b'"grant"' in one.answer
        )
        claims = jwt.decode(first, KEY, ["HS256"])
        assert (claims["iat"], claims["exp"]) == (record.at // 10**6, record.at // 10**6 + 86_400)
        assert again == first

    def test_a_request_sent_again_gets_the_answer_it_got(self, house: House) -> None:
        key = {"Idempotency-Key": "tea at four"}
        first = house.ask("/v1/tickets/submit", FIRE, headers=key)
        again = house.ask("/v1/tickets/submit", FIRE, headers=key)
        assert (first.status_code, first.json()) == (again.status_code, again.json())

    def test_a_message_sent_again_is_said_once(self, house: House) -> None:
        id = house.ask("/v1/channels/create", {"name": "once"}).json()["id"]
        house.ask(f"/v1/channels/{id}/join")
        said = [
            house.ask(f"/v1/channels/{id}/send", {"text": "Milk!"}, headers=key).json()
            for key in ({"Idempotency-Key": "m1"},) * 2
        ]
        assert said[0] == said[1]

    def test_the_same_key_with_another_body_is_refused(self, house: House) -> None:
        key = {"Idempotency-Key": "k-1"}
        house.ask("/v1/tickets/submit", FIRE, headers=key)
        said = told(house.ask("/v1/tickets/submit", {"title": "Fire"}, headers=key), 422)
        assert said["errors"][0]["at"] == "Idempotency-Key"  # type: ignore[index]

    def test_the_same_key_at_another_address_is_refused(self, house: House) -> None:
        key = {"Idempotency-Key": "k-2"}
        house.ask("/v1/tickets/one/submit", FIRE, headers=key)
        told(house.ask("/v1/tickets/two/submit", FIRE, headers=key), 422)

    def test_the_same_key_of_another_caller_is_another_request(self, house: House) -> None:
        key = {"Idempotency-Key": "k-3"}
        anns = house.ask("/v1/tickets/submit", FIRE, headers=key).json()
        bobs = house.ask("/v1/tickets/submit", FIRE, "bob", headers=key).json()
        assert anns["id"] != bobs["id"]

    @pytest.mark.parametrize("key", ["", "k" * 256, "t\xe9a"])
    def test_a_key_is_short_and_plain(self, house: House, key: str) -> None:
        headers = {"Idempotency-Key": key.encode("latin-1")}
        said = told(house.ask("/v1/tickets/submit", FIRE, headers=headers), 400)
        assert said["errors"][0]["at"] == "Idempotency-Key"  # type: ignore[index]


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        [
            "/v1/tickets/start_fire", "/v1/teapots/submit", "/v1/tickets/Submit", "/v1/tickets",
            "/v1/tickets/rename", "/v1/tickets//rename", "/v1/tickets/x/rename/",
            "/v1/meetups/x/complete", "/v1/meetups/x/report_guests", "/v1/balances/ann/credit",
            "/v2/tickets/submit", "/v1/users/sign_in", "/", "//", "/v1", "/v1/clicks/x",
        ],
    )  # fmt: skip
    def test_nothing_is_at_an_address_nobody_gave(self, house: House, path: str) -> None:
        told(house.ask(path, {}), 404)

    def test_a_long_name_is_written_in_snake_case(self, house: House) -> None:
        starts = {"title": "Tea", "starts_at": "2027-01-01T16:00:00Z"}
        id = house.ask("/v1/meetups/draft", starts).json()["id"]
        told(house.ask(f"/v1/meetups/{id}/cancel", {"reason": "rain"}), 200)


class TestCorrelation:
    def test_the_callers_name_for_a_request_goes_all_the_way(self, house: House) -> None:
        headers = {"X-Correlation-Id": "tea-4711"}
        answer = house.ask("/v1/tickets/submit", FIRE, headers=headers)
        assert answer.headers["X-Correlation-Id"] == "tea-4711"
        history = house.read(f"/v1/tickets/{answer.json()['id']}/events", "op", "operator").json()
        assert history["events"][0]["correlation"] == "tea-4711"

    @pytest.mark.parametrize("given", ["", "x" * 65, "t\xe9a", "a\tb"])
    def test_an_odd_name_is_replaced(self, house: House, given: str) -> None:
        headers = {"X-Correlation-Id": given.encode("latin-1")}
        got = house.ask("/v1/tickets/submit", {}, headers=headers)
        assert len(got.headers["X-Correlation-Id"]) == 32
        assert got.json()["correlation"] == got.headers["X-Correlation-Id"]
