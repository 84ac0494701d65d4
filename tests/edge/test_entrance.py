"""The entrance, asked as API Gateway asks it (payload format 2.0)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from edge.about import about_routes
from edge.addresses import encoded
from edge.answers import Answer, tag, told, unchanged
from edge.caller import Caller
from edge.entrance import Entrance
from edge.limits import BODY_BYTES_MAX
from edge.problems import Problem, unsigned
from edge.request import Request
from edge.routes import Route, at
from edge.tokens import mint
from mainstem import Refused

KEY = b"an old oak table, seats for nine"
NOW_S = 1_780_000_000
PARTIES = threading.Barrier(8)


def echo(request: Request) -> Answer:
    caller = request.caller
    said = {
        "names": request.names, "query": request.query, "body": request.body.decode("latin-1"),
        "by": caller.by, "tenant": caller.tenant, "roles": sorted(caller.roles),
    }  # fmt: skip
    return told(said)


def broken(request: Request) -> Answer:
    raise ZeroDivisionError("12345")


def shy(request: Request) -> Answer:
    raise Refused("not in front of guests")


def meeting(request: Request) -> Answer:
    PARTIES.wait()  # all of them are in here at once
    return told(request.names)


def members(names: Mapping[str, str], caller: Caller) -> int:
    if not caller.by:
        raise unsigned()
    return 7


def teas(names: Mapping[str, str]) -> Any:
    return echo if names["pot"] == "teas" else None


ENTRANCE = Entrance(
    [
        *about_routes("7", lambda: (), lambda: {"openapi": "3.1.0"}),
        Route("GET", "/v1/<pot>/<id>", teas),
        Route("POST", "/v1/<pot>/<id>", teas),
        Route("POST", "/members/<name>", lambda names: echo, members),
        at("GET", "/broken", broken),
        at("GET", "/shy", shy),
        at("GET", "/meeting/<n>", meeting),
    ],
    KEY,
    lambda: NOW_S * 1_000_000,
)


def event(method: str, path: str, query: str = "", body: str | None = None, **headers: str) -> Any:
    """As the developer guide of API Gateway shows one, shortened where nobody reads it."""
    sent = {"accept": "*/*", "host": "tea.example", "x-forwarded-for": "192.0.2.7"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "cookies": ["milk=1"],
        "headers": sent | {name.replace("_", "-"): value for name, value in headers.items()},
        "queryStringParameters": {"q": "ignored"},
        "requestContext": {
            "accountId": "123456789012",
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.7"},
            "requestId": "r-1",
            "stage": "$default",
            "timeEpoch": 1_780_329_600_000,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def said(answer: dict[str, Any], status: int = 200) -> Any:
    assert answer["statusCode"] == status, answer
    assert answer["isBase64Encoded"] is False
    return json.loads(answer["body"])


def test_a_request_is_handed_on_as_it_was_sent() -> None:
    token = mint(KEY, Caller("ann", frozenset(("org",)), "acme"), NOW_S, 60)
    sent = event("GET", "/v1/teas/green", "a=1&a=2", authorization=f"Bearer {token}")
    assert said(ENTRANCE.answer(sent)) == {
        "names": {"pot": "teas", "id": "green"},
        "query": "a=1&a=2",
        "body": "",
        "by": "ann",
        "tenant": "acme",
        "roles": ["org"],
    }


def test_every_answer_has_its_headers() -> None:
    for path in ("/hello", "/nowhere", "/broken"):
        headers = ENTRANCE.answer(event("GET", path, x_correlation_id="tea"))["headers"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Correlation-Id"] == "tea"


@pytest.mark.parametrize(
    ("path", "id"),
    [
        ("/v1/teas/a%2Fb", "a/b"),
        ("/v1/teas/a%252Fb", "a%2Fb"),
        ("/v1/teas/ann%40tea.example", "ann@tea.example"),
        ("/v1/teas/%E3%81%8A%E8%8C%B6", "お茶"),
        # HTTP APIs of API Gateway have decoded it already.
        ("/v1/teas/お茶", "お茶"),
        ("/v1/teas/a b?c#d", "a b?c#d"),
        ("/v1/teas/\"quoted\" \\ `tea`", '"quoted" \\ `tea`'),
        ("/v1/teas/50%", "50%"),
        ("/v1/%74eas/green", "green"),
    ],
)  # fmt: skip
def test_an_id_is_one_part_of_the_address_whatever_it_holds(path: str, id: str) -> None:
    assert said(ENTRANCE.answer(event("GET", path)))["names"]["id"] == id


def test_an_address_is_written_so_that_it_is_read_again() -> None:
    path = "/v1" + encoded("teas", "a/b %é")
    assert said(ENTRANCE.answer(event("GET", path)))["names"]["id"] == "a/b %é"


def test_bytes_come_as_base64() -> None:
    raw = b"\xff\x00tea"
    sent = event("POST", "/v1/teas/green", body=base64.b64encode(raw).decode())
    sent["isBase64Encoded"] = True
    assert said(ENTRANCE.answer(sent))["body"] == raw.decode("latin-1")


def test_an_event_may_lack_what_a_request_lacks() -> None:
    sent = event("GET", "/v1/teas/green")
    for name in ("body", "headers", "rawQueryString", "queryStringParameters", "cookies"):
        del sent[name]
    assert said(ENTRANCE.answer(sent))["by"] == ""


def test_what_is_not_there_is_missing_and_what_is_otherwise_is_said() -> None:
    assert said(ENTRANCE.answer(event("GET", "/v1/coffees/black")), 404)["title"] == "missing"
    assert said(ENTRANCE.answer(event("GET", "/v1/teas")), 404)["title"] == "missing"
    answer = ENTRANCE.answer(event("DELETE", "/v1/teas/green"))
    assert said(answer, 405)["title"] == "not allowed"
    assert answer["headers"]["Allow"] == "GET, POST"


def test_a_token_that_is_not_good_opens_nothing() -> None:
    answer = ENTRANCE.answer(event("GET", "/hello", authorization="Bearer x"))
    said(answer, 401)
    assert answer["headers"]["WWW-Authenticate"] == "Bearer"


def test_a_no_is_told_and_a_mistake_is_not(caplog: pytest.LogCaptureFixture) -> None:
    assert said(ENTRANCE.answer(event("GET", "/shy")), 422)["detail"] == "not in front of guests"
    assert "12345" not in ENTRANCE.answer(event("GET", "/broken"))["body"]
    assert "ZeroDivisionError: 12345" in caplog.text


def test_requests_on_many_threads_do_not_meet() -> None:
    def ask(n: int) -> Any:
        return said(ENTRANCE.answer(event("GET", f"/meeting/{n}")))

    with ThreadPoolExecutor(PARTIES.parties) as threads:
        every = range(PARTIES.parties * 8)
        assert list(threads.map(ask, every)) == [{"n": str(n)} for n in every]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (event("POST", "/v1/coffees/black"), 404),
        (event("DELETE", "/v1/teas/green"), 405),
        (event("POST", "/v1/teas/%FF"), 400),
        (event("POST", "/v1/teas/green", authorization="Bearer x"), 401),
        (event("POST", "/members/green"), 401),
    ],
)
def test_who_would_be_refused_in_any_case_is_refused_before_the_body(
    sent: Any, status: int
) -> None:
    with pytest.raises(Problem) as no:
        ENTRANCE.admit(sent)
    assert no.value.status == status


def test_a_body_may_be_as_large_as_its_address_says() -> None:
    assert ENTRANCE.admit(event("POST", "/v1/teas/green")) == BODY_BYTES_MAX
    token = mint(KEY, Caller("ann"), NOW_S, 60)
    assert ENTRANCE.admit(event("POST", "/members/ann", authorization=f"Bearer {token}")) == 7


def test_a_request_that_was_not_read_is_answered_all_the_same() -> None:
    answer = ENTRANCE.refuse(event("POST", "/v1/teas/green"), Problem(413, "too large", "much"))
    assert said(answer, 413)["correlation"] == answer["headers"]["X-Correlation-Id"]


@pytest.mark.parametrize(
    ("asked", "same"),
    [('"7"', True), ('W/"7"', True), ('"6", "7"', True), ("*", True), ('"6"', False), (None, False),
     ("7", False), ("", False)],
)  # fmt: skip
def test_an_etag_that_is_known_is_unchanged(asked: str | None, same: bool) -> None:
    assert unchanged(asked, tag(7)) is same


def test_a_row_of_another_build_is_another() -> None:
    assert (tag(7), tag(7, 3)) == ('"7"', '"7-3"')
    assert not unchanged(tag(7, 2), tag(7, 3))
    assert not unchanged(tag(7), tag(7, 3))
