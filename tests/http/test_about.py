"""Hello, health, and the page: complete, valid, and with nothing from elsewhere."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from local.adapters import adapters
from local.loops import Loops
from local.producing import Way
from local.service import Service
from tests.http.house import DOMAINS, House, served


@pytest.fixture(scope="module")
def document(house: House) -> dict[str, Any]:
    said: dict[str, Any] = house.client.get("/openapi.json").json()
    return said


def test_hello(house: House) -> None:
    answer = house.client.get("/hello")
    assert (answer.status_code, answer.json()) == (200, {"hello": "mainstem", "version": "7"})


def test_health_is_told_as_it_is(house: House) -> None:
    answer = house.client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "trouble": []})
    house.trouble.append("consumer")
    answer = house.client.get("/health")
    house.trouble.clear()
    assert (answer.status_code, answer.json()) == (503, {"ok": False, "trouble": ["consumer"]})


def test_strangers_hear_which_loop_is_in_trouble_and_nothing_of_why(tmp_path: Path) -> None:
    ports, loops = adapters(tmp_path / "folder"), Loops([])
    loops.trouble["search"] = "/srv/cellar/search.db: the disk is full"
    try:
        with served(Service(ports, DOMAINS, loops, "7", Way(ports)).application()) as address:
            said = httpx.get(f"{address}/health")
    finally:
        ports.close()
    assert said.json() == {"ok": False, "trouble": ["search"]}


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_every_command_and_view_is_in_it(document: dict[str, Any]) -> None:
    for domain in DOMAINS.values():
        assert any(tag["name"] == domain.name for tag in document["tags"])
    paths = document["paths"]
    assert {"/v1/tickets/submit", "/v1/tickets/{id}/rename", "/v1/otp/verify"} <= paths.keys()
    assert {"/v1/ticket", "/v1/ticket/{id}", "/v1/message/{id}/{key}"} <= paths.keys()
    assert {"/v1/clicks", "/v1/tickets/{id}/events", "/hello", "/health", "/docs"} <= paths.keys()


def test_what_nobody_may_ask_is_not_in_it(document: dict[str, Any]) -> None:
    assert "/v1/meetups/{id}/complete" not in document["paths"]
    assert "/v1/users/{id}/sign_in" not in document["paths"]


def test_each_operation_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(names) == len(set(names))


def test_the_page_brings_all_its_parts_and_lets_no_other_in(house: House) -> None:
    page = house.client.get("/docs")
    policy = page.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page.text)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
