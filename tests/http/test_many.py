"""Many at once: nobody's answer is anybody else's, and who waits keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from httpx import Client

from tests.http.house import House, signed

pytestmark = pytest.mark.slow

CLIENTS = 64


def together(work: Callable[[Client, int], Any], house: House) -> list[Any]:
    """What each of many clients got."""
    with ThreadPoolExecutor(CLIENTS) as pool, Client(base_url=house.address, timeout=60) as client:
        return list(pool.map(partial(work, client), range(CLIENTS)))


def test_each_gets_the_answer_to_what_it_asked(house: House) -> None:
    def submit(client: Client, n: int) -> tuple[int, str, str]:
        headers = signed(f"user {n}") | {"X-Correlation-Id": f"request-{n}"}
        body = {"title": f"ticket {n}"}
        answer = client.post(f"/v1/tickets/many-{n}/submit", json=body, headers=headers)
        return answer.status_code, answer.json()["id"], answer.headers["X-Correlation-Id"]

    def read(client: Client, n: int) -> tuple[str, str, str]:
        row = client.get(f"/v1/ticket/many-{n}", headers=signed("ann")).json()
        return row["id"], row["title"], row["author"]

    every = range(CLIENTS)
    assert together(submit, house) == [(201, f"many-{n}", f"request-{n}") for n in every]
    house.caught_up()
    assert together(read, house) == [(f"many-{n}", f"ticket {n}", f"user {n}") for n in every]


def test_many_may_wait_for_what_one_does(house: House) -> None:
    house.ask("/v1/tickets/kettle/submit", {"title": "It burns"})
    waiting = ThreadPoolExecutor(1).submit(
        together,
        lambda client, n: (
            client.get("/v1/ticket/kettle?version=2", headers=signed("ann")).status_code
        ),
        house,
    )
    assert house.ask("/v1/tickets/kettle/rename", {"title": "Fire"}).status_code == 200
    house.caught_up()
    assert waiting.result() == [200] * CLIENTS


def test_many_who_want_the_same_name_get_it_once(house: House) -> None:
    def create(client: Client, n: int) -> int:
        body = {"name": "the one"}
        return client.post("/v1/channels/create", json=body, headers=signed("ann")).status_code

    assert sorted(together(create, house)) == [201] + [409] * (CLIENTS - 1)
