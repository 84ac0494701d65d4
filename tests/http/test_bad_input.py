"""The table of bad input, line by line, through the server: never a 500, always a path."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from edge.limits import BODY_BYTES_MAX, FACTS_BYTES_MAX
from edge.problems import PROBLEM_JSON
from tests.http.house import KEY, House, signed

SUBMIT = "/v1/tickets/submit"
AS_JSON = {"Content-Type": "application/json"}


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem, with everything that each of them has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == PROBLEM_JSON
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said: dict[str, Any] = answer.json()
    assert said["correlation"] == answer.headers["X-Correlation-Id"]
    assert said["status"] == status
    return said


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        (b"{", ""),
        (b'{"title": "a"} trailing', ""),
        (b"\xef\xbb\xbf{}", ""),
        (b'{"title": "\xff"}', ""),
        (b'{"title": "a", "title": "b"}', "/title"),
        (b'{"title": NaN}', "/title"),
        (b'{"title": 1e999}', "/title"),
        (b'{"title": 9007199254740992}', "/title"),
        (b'{"title": "\\ud800"}', "/title"),
        (b'{"title": "\\u0000"}', "/title"),
        (b"[" * 100_000, ""),
        (b'{"title": ' + b"[" * 40 + b"]" * 40 + b"}", "/title" + "/0" * 31),
        (b'{"title": "a", "milk": 1}', "/milk"),
        (b'{"title": 7}', "/title"),
        (b'{"title": null}', "/title"),
        (b"{}", "/title"),
        (b"null", ""),
        (b'"It burns"', ""),
    ],
)
def test_a_bad_body_is_refused_by_its_path(house: House, raw: bytes, at: str) -> None:
    said = problem(house.ask(SUBMIT, content=raw, headers=AS_JSON), 400)
    assert [flaw["at"] for flaw in said["errors"]] == [at]


def test_a_secret_is_never_repeated(house: House) -> None:
    body = {"to": "ann@example.org", "code": 12345, "hunter2": "hunter3"}
    answer = house.ask("/v1/otp/verify", body, "")
    problem(answer, 400)
    assert "12345" not in answer.text
    assert "hunter3" not in answer.text


class TestSizes:
    def test_a_body_may_be_as_large_as_it_says(self, house: House) -> None:
        body = json.dumps({"title": "It burns"}).encode().ljust(BODY_BYTES_MAX)
        assert house.ask(SUBMIT, content=body, headers=AS_JSON).status_code == 201

    def test_one_byte_more_is_too_large(self, house: House) -> None:
        body = json.dumps({"title": "It burns"}).encode().ljust(BODY_BYTES_MAX + 1)
        problem(house.ask(SUBMIT, content=body, headers=AS_JSON), 413)

    def test_a_body_that_does_not_say_its_size_is_counted(self, house: House) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(BODY_BYTES_MAX // 1024 + 1):
                yield b" " * 1024

        problem(house.ask(SUBMIT, content=chunks(), headers=AS_JSON), 413)

    def test_facts_may_be_more(self, house: House) -> None:
        much = b"\n".join([b" " * 1023] * (FACTS_BYTES_MAX // 1024))
        lines = {"Content-Type": "application/x-ndjson"}
        answer = house.ask("/v1/clicks", None, "web", "producer", content=much, headers=lines)
        assert answer.status_code == 200
        more = much + b" " * 1025
        answer = house.ask("/v1/clicks", None, "web", "producer", content=more, headers=lines)
        problem(answer, 413)

    def test_the_house_stands_after_it(self, house: House) -> None:
        assert house.ask(SUBMIT, {"title": "It burns"}).status_code == 201


class TestMedia:
    @pytest.mark.parametrize("media", [
        "application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"',
    ])  # fmt: skip
    def test_json_is_read(self, house: House, media: str) -> None:
        headers = {"Content-Type": media}
        assert house.ask(SUBMIT, content=b'{"title": "Tea"}', headers=headers).status_code == 201

    def test_a_body_of_no_type_is_refused(self, house: House) -> None:
        answer = house.ask(SUBMIT, content=b'{"title": "Tea"}')
        assert problem(answer, 415)["errors"][0]["at"] == "Content-Type"
        lines = b'{"id": "eve", "type": "Viewed", "data": {"page": "/tea", "ms": 1}}'
        problem(house.ask("/v1/clicks", None, "web", "producer", content=lines), 415)

    @pytest.mark.parametrize("media", [
        "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1",
        "application/jsonx", "multipart/form-data; boundary=x", "application/x-ndjson",
    ])  # fmt: skip
    def test_another_type_is_not(self, house: House, media: str) -> None:
        answer = house.ask(SUBMIT, content=b'{"title": "Tea"}', headers={"Content-Type": media})
        assert problem(answer, 415)["errors"][0]["at"] == "Content-Type"

    def test_a_packed_body_is_not_unpacked(self, house: House) -> None:
        headers = {**AS_JSON, "Content-Encoding": "gzip"}
        said = problem(house.ask(SUBMIT, content=b"\x1f\x8b", headers=headers), 415)
        assert said["errors"][0]["at"] == "Content-Encoding"


class TestTokens:
    @pytest.mark.parametrize("header", ["", "x", "Bearer", "Bearer x", "Basic YTpi", "Bearer \xe9"])
    def test_what_is_no_token_is_refused(self, house: House, header: str) -> None:
        headers = {b"Authorization": header.encode("latin-1")}
        for answer in (
            house.client.post(SUBMIT, json={"title": "Tea"}, headers=headers),
            house.client.get("/v1/channel_summary?index=by_name", headers=headers),
            house.client.get("/hello", headers=headers),
        ):
            problem(answer, 401)
            assert answer.headers["WWW-Authenticate"] == "Bearer"

    def test_an_expired_one_is_refused(self, house: House) -> None:
        problem(self.asked(house, exp=int(time.time()) - 1), 401)

    def test_one_without_a_signature_is_refused(self, house: House) -> None:
        claims = {"iss": "mainstem", "sub": "ann", "exp": int(time.time()) + 60}
        token = jwt.encode(claims, None, algorithm="none")
        headers = {"Authorization": f"Bearer {token}"}
        problem(house.client.post(SUBMIT, json={"title": "Tea"}, headers=headers), 401)

    def test_nobody_is_the_system(self, house: House) -> None:
        problem(self.asked(house, sub="system"), 401)

    def test_two_tokens_are_none(self, house: House) -> None:
        one = signed("ann")["Authorization"]
        headers = [("Authorization", one), ("Authorization", one)]
        problem(house.client.post(SUBMIT, json={"title": "Tea"}, headers=headers), 401)

    def asked(self, house: House, **change: Any) -> httpx.Response:
        claims = {"iss": "mainstem", "sub": "ann", "exp": int(time.time()) + 60} | change
        headers = {"Authorization": f"Bearer {jwt.encode(claims, KEY, 'HS256')}"}
        return house.client.post(SUBMIT, json={"title": "Tea"}, headers=headers)


class TestMethods:
    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", SUBMIT, "POST"),
            ("GET", "/v1/tickets/x/rename", "POST"),
            ("DELETE", "/v1/ticket/x", "GET"),
            ("POST", "/v1/ticket/x", "GET"),
            ("POST", "/v1/ticket", "GET"),
            ("POST", "/v1/tickets/x/events", "GET"),
            ("GET", "/v1/clicks", "POST"),
            ("OPTIONS", "/hello", "GET"),
            ("PATCH", "/openapi.json", "GET"),
            ("TEAPOT", "/hello", "GET"),
        ],
    )
    def test_another_method_is_told_which_there_is(
        self, house: House, method: str, path: str, allowed: str
    ) -> None:
        answer = house.client.request(method, path, headers=signed("ann"))
        problem(answer, 405)
        assert answer.headers["Allow"] == allowed

    def test_a_head_has_no_body(self, house: House) -> None:
        answer = house.client.head("/hello")
        assert (answer.status_code, answer.headers["Allow"], answer.text) == (405, "GET", "")

    def test_no_method_finds_what_is_not_there(self, house: House) -> None:
        problem(house.client.request("TEAPOT", "/v1/teapots"), 404)


@pytest.mark.parametrize("query", ["x=1", "title=Tea", "%FF=1"])
def test_a_command_takes_no_parameters(house: House, query: str) -> None:
    problem(house.ask(f"{SUBMIT}?{query}", {"title": "Tea"}), 400)


def test_nobody_learns_what_exists(house: House) -> None:
    id = house.ask(SUBMIT, {"title": "Tea"}).json()["id"]
    for ticket in (id, "never"):
        problem(house.ask(f"/v1/tickets/{ticket}/close", {"reason": "x"}, ""), 401)
        problem(house.read(f"/v1/ticket/{ticket}", ""), 401)
