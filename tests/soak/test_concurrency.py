"""Many at once: on one aggregate, on a thousand, through one door. Nothing is lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.http.house import House, opened
from tests.protocol.plant import Plant, plant
from tests.soak.checker import findings
from tests.soak.crowd import Wishes, asked_at_once
from tests.soak.wishes import Wish

PROCESSES = 5
WRITERS, COMMENTS = 50, 8
TICKETS = 1_000
JOINS = 100
pytestmark = pytest.mark.slow


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "channels", "clicks") as made:
        made.engine.catch_up()  # settled before anything happens
        yield made


def wish(key: str, domain: str, id: str, command: str, by: str, **fields: Any) -> Wish:
    return Wish(key, domain, id, command, fields, by)


def wrong(works: Plant, place: Path) -> list[str]:
    """What the checker finds, once all has come to rest."""
    works.engine.catch_up()
    works.close()
    return [str(one) for one in findings(place / "data", place / "ledgers")]


def named(many: int) -> list[str]:
    """Every other one commits and publishes in two steps."""
    return [f"{'ap'[n % 2]}{n}" for n in range(many)]


def everybody(names: Sequence[str], wishes: Callable[[str], Sequence[Wish]]) -> list[Wishes]:
    """Shared out over processes, a thread for each of them."""
    return [
        {name: wishes(name) for name in names[process::PROCESSES]} for process in range(PROCESSES)
    ]


def test_fifty_writers_on_one_aggregate_are_each_heard_once(works: Plant, tmp_path: Path) -> None:
    def wishes(name: str) -> list[Wish]:
        submit = wish(f"{name}x0", "tickets", "t", "Submit", name, title=f"It burns, {name}x0")
        said = [f"{name}x{n}" for n in range(1, COMMENTS + 1)]
        return [submit, *(wish(s, "tickets", "t", "Comment", name, text=f"rain {s}") for s in said)]

    names = named(WRITERS)
    asked_at_once(tmp_path, everybody(names, wishes), works.engine.consume)
    works.engine.catch_up()
    (ticket,) = works.shown("tickets.Ticket")
    assert ticket["version"] == 1 + WRITERS * COMMENTS
    assert (ticket["comments"], len(ticket["people"])) == (WRITERS * COMMENTS, WRITERS)
    assert wrong(works, tmp_path) == []


def test_a_thousand_aggregates_keep_their_own_order(works: Plant, tmp_path: Path) -> None:
    def wishes(name: str) -> list[Wish]:
        ids = Random(name).sample(range(TICKETS), TICKETS)
        some = [(n, f"{name}x{n}", f"{name}x{TICKETS + n}") for n in ids]
        return [
            one
            for n, title, text in some
            for one in (
                wish(title, "tickets", f"t{n}", "Submit", name, title=f"fog {title}"),
                wish(text, "tickets", f"t{n}", "Comment", name, text=f"rain {text}"),
            )
        ]

    names = named(PROCESSES)
    asked_at_once(tmp_path, everybody(names, wishes), works.engine.consume)
    works.engine.catch_up()
    shown = works.shown("tickets.Ticket")
    assert len(shown) == TICKETS
    assert {row["version"] for row in shown} == {1 + PROCESSES}
    assert wrong(works, tmp_path) == []


def test_a_hundred_who_join_at_once_are_a_hundred_members(works: Plant, tmp_path: Path) -> None:
    def wishes(name: str) -> list[Wish]:
        text = f"tea {name}x0"
        create = wish(f"{name}x0", "channels", "c", "Create", name, name="tea", description=text)
        return [create, wish(f"{name}x1", "channels", "c", "Join", name)]

    names = named(JOINS)
    asked_at_once(tmp_path, everybody(names, wishes), works.engine.consume)
    works.engine.catch_up()
    (channel,) = works.shown("channels.Channel")
    assert (channel["version"], set(channel["members"])) == (1 + JOINS, set(names))
    assert wrong(works, tmp_path) == []


def test_a_hundred_who_join_over_http_are_a_hundred_members(tmp_path: Path) -> None:
    names = [f"u{n}" for n in range(JOINS)]
    with opened(tmp_path / "data") as house:
        assert house.ask("/v1/channels/c/create", {"name": "tea"}).status_code == 201
        with ThreadPoolExecutor(JOINS) as crowd:
            versions = list(crowd.map(partial(joined, house), names))
        assert sorted(versions) == list(range(2, JOINS + 2))
        row = house.caught_up().read("/v1/channel/c").json()
    assert (row["version"], set(row["members"])) == (1 + JOINS, set(names))


def joined(house: House, name: str) -> int:
    """The version that a member was told, once it was told one."""
    while (answer := house.ask("/v1/channels/c/join", {}, by=name)).status_code != 200:
        assert answer.json()["title"] == "contended", answer.text
    version: int = answer.json()["version"]
    return version
