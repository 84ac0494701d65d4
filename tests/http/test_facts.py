"""Facts over HTTP: a line each, an answer each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from httpx import Response

from edge.limits import FACTS_LINES_MAX
from tests.http.house import House

LINES = {"Content-Type": "application/x-ndjson"}
LOOK = {"id": "eve", "type": "Viewed", "data": {"page": "/tea", "ms": 900}}


def send(house: House, *lines: Any, by: str = "web", roles: tuple[str, ...] = ("producer",)) -> Any:
    """What came of each; a line is a fact or bytes as they are."""
    raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    answer = house.ask("/v1/clicks", None, by, *roles, content=b"\n".join(raw), headers=LINES)
    return said(answer)


def said(answer: Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_facts_are_counted_in_their_view(house: House) -> None:
    buy = {"product": "pot", "cents": 900, "order": "o-1"}
    look = {**LOOK, "id": "adam"}
    sent = send(house, look, {"id": "adam", "type": "Purchased", "data": buy}, look)
    assert sent == [{"ok": True, "ack": "published"}] * 3
    row = house.caught_up().read("/v1/visitor/adam", "ida", "analyst").json()
    assert (row["views"], row["revenue_cents"], row["version"]) == (2, 900, 3)


@pytest.mark.parametrize("at", ["2026-06-01T16:00:00Z", 1_780_329_600_000_000])
def test_a_fact_says_when_it_was(house: House, at: str | int) -> None:
    send(house, {**LOOK, "id": f"then {at}", "at": at})
    row = house.caught_up().read(f"/v1/visitor/then {at}", "ida", "analyst").json()
    assert row["first_seen_at"] == "2026-06-01T16:00:00.000000Z"


def test_each_line_has_its_own_answer_in_order(house: House) -> None:
    bad = {**LOOK, "data": {"page": "/tea", "ms": "soon"}}
    sent = send(house, LOOK, bad, b"nonsense", LOOK)
    assert [one["ok"] for one in sent] == [True, False, False, True]
    assert sent[1]["at"] == "/data/ms"


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"id": ""}, "/id"),
        ({"id": "a\nb"}, "/id"),
        ({"id": "a" * 257}, "/id"),
        ({"id": 7}, "/id"),
        ({"type": "Danced"}, "/type"),
        ({"type": None}, "/type"),
        ({"at": "yesterday"}, "/at"),
        ({"at": "2026-06-01T16:00:00"}, "/at"),
        ({"at": 1.5}, "/at"),
        ({"data": []}, "/data"),
        ({"data": {"page": "/tea"}}, "/data/ms"),
        ({"data": {"page": "/tea", "ms": 1, "milk": 1}}, "/data/milk"),
        ({"data": {"page": "x" * 70_000, "ms": 1}}, ""),
        ({"milk": 1}, "/milk"),
        ({"by": "ann"}, "/by"),
    ],
)
def test_what_is_wrong_is_named(house: House, change: dict[str, Any], at: str) -> None:
    (one,) = send(house, LOOK | change)
    assert (one["ok"], one["at"]) == (False, at)


@pytest.mark.parametrize("raw", [b"{", b"[1]", b"\xff", b"", b'{"id": "a", "id": "b"}', b"[" * 99])
def test_a_broken_line_spoils_no_other(house: House, raw: bytes) -> None:
    sent = send(house, LOOK, raw, LOOK)
    assert [one["ok"] for one in sent] == [True, False, True]


def test_lines_may_end_as_they_do_elsewhere(house: House) -> None:
    raw = json.dumps(LOOK).encode()
    answer = house.ask(
        "/v1/clicks", None, "web", "producer", content=raw + b"\r\n" + raw + b"\n", headers=LINES
    )
    assert said(answer) == [{"ok": True, "ack": "published"}] * 2


def test_facts_are_for_producers(house: House) -> None:
    for by, status in (("ann", 403), ("", 401)):
        answer = house.ask("/v1/clicks", None, by, content=json.dumps(LOOK), headers=LINES)
        assert answer.status_code == status


def test_no_lines_are_no_facts(house: House) -> None:
    answer = house.ask("/v1/clicks", None, "web", "producer", content=b"", headers=LINES)
    assert answer.status_code == 400


def test_too_many_lines_are_too_many(house: House) -> None:
    many = b"\n" * (FACTS_LINES_MAX + 1)
    answer = house.ask("/v1/clicks", None, "web", "producer", content=many, headers=LINES)
    assert answer.status_code == 413


def test_facts_come_as_lines(house: House) -> None:
    assert house.ask("/v1/clicks", LOOK, "web", "producer").status_code == 415


def test_what_commands_decide_is_no_fact(house: House) -> None:
    answer = house.ask("/v1/tickets", None, "web", "producer", content=b"{}", headers=LINES)
    assert answer.status_code == 404


def test_where_nothing_is_stored_nobody_may_ask_for_it(house: House) -> None:
    raw = json.dumps(LOOK).encode()
    for wished, says in (("stored", "is published"), ("soon", "is published")):
        answer = house.ask(
            f"/v1/clicks?ack={wished}", None, "web", "producer", content=raw, headers=LINES
        )
        assert answer.status_code == 400
        assert answer.json()["errors"] == [{"at": "ack", "detail": says}]
    answer = house.ask(
        "/v1/clicks?ack=published", None, "web", "producer", content=raw, headers=LINES
    )
    assert said(answer) == [{"ok": True, "ack": "published"}]
