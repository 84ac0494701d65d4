"""Strangers: what they send, and do not send, costs little and keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection

import pytest

import local.asgi
from edge.limits import BODY_BYTES_MAX, FACTS_BYTES_MAX
from tests.http.house import House, signed

OPEN_TO_ALL = "/v1/otp/request"
ASKED = {"to": "ann@kettle.example", "country": "TH", "role": "org"}
MUCH = BODY_BYTES_MAX + 1


@contextmanager
def half_sent(
    house: House, path: str, size: int, method: str = "POST", **headers: str
) -> Iterator[HTTPConnection]:
    """A request that says how large its body is, and sends one byte of it."""
    with closing(HTTPConnection(house.address.removeprefix("http://"), timeout=60)) as line:
        line.putrequest(method, path)
        for name, value in {"Content-Length": str(size), **headers}.items():
            line.putheader(name, value)
        line.endheaders(b"{")
        yield line


def status(line: HTTPConnection) -> int:
    with line.getresponse() as answer:
        return answer.status


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/teapots/pour", 404),
        ("POST", "/nowhere/x", 404),
        ("PUT", OPEN_TO_ALL, 405),
        ("POST", "/v1/tickets/submit", 401),
        ("POST", "/v1/clicks", 401),
        ("POST", OPEN_TO_ALL, 413),
        ("GET", "/hello", 413),
    ],
)
def test_who_is_refused_in_any_case_is_not_read(
    house: House, method: str, path: str, expected: int
) -> None:
    with half_sent(house, path, MUCH, method) as line:
        assert status(line) == expected


@pytest.mark.parametrize(
    ("caller", "size", "expected"),
    [
        ({"Authorization": "Bearer x"}, 9, 401),
        (signed("ann"), 9, 403),
        (signed("web", "producer"), FACTS_BYTES_MAX + 1, 413),
    ],
)
def test_many_facts_are_read_of_producers_alone(
    house: House, caller: dict[str, str], size: int, expected: int
) -> None:
    with half_sent(house, "/v1/clicks", size, **caller) as line:
        assert status(line) == expected


def test_who_sends_half_takes_nobody_s_place(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local.asgi, "REQUESTS_MAX", 1)
    with ExitStack() as halves:
        for _ in range(3):
            halves.enter_context(half_sent(house, OPEN_TO_ALL, 99))
        assert house.ask(OPEN_TO_ALL, ASKED, "").status_code == 201


def test_who_comes_when_too_many_are_in_is_asked_to_come_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local.asgi, "REQUESTS_MAX", 0)
    answer = house.client.get("/hello")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_a_body_that_does_not_come_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local.asgi, "READ_S_MAX", 0.01)
    with half_sent(house, OPEN_TO_ALL, 99) as line, line.getresponse() as answer:
        assert (answer.status, answer.headers["Connection"]) == (408, "close")


@pytest.mark.parametrize("host", [
    "127.0.0.1", "127.0.0.1:8400", "localhost", "LOCALHOST:8400", "[::1]", "[::1]:8400",
    "192.0.2.7:80",
])  # fmt: skip
def test_it_is_asked_for_by_its_address(house: House, host: str) -> None:
    assert house.client.get("/hello", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", [
    "tea.example", "tea.example:8400", "localhost.tea.example", "127.0.0.1.tea.example", "",
    "localhost:8400:1", "[::1", "[tea]", "127.0.0.1@tea.example", "localhost,tea.example",
])  # fmt: skip
def test_a_name_that_somebody_led_here_opens_nothing(house: House, host: str) -> None:
    answer = house.ask(OPEN_TO_ALL, ASKED, headers={"Host": host})
    assert answer.status_code == 421, answer.text
    assert answer.json()["title"] == "misdirected"
