"""Views: they follow the log by themselves, may be behind or thrown away, and hold up nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domains.channels import Create, Join, Send
from domains.tickets import Close, Comment, Submit, Watch
from edge.caller import Caller
from local.consumer import Consumer
from local.store import Store
from mainstem.protocol.drive import drive
from queries.reader import Reader
from tests.applications.asked import no, yes
from tests.http.house import House, opened
from tests.protocol.editions import edition
from tests.protocol.faults import BEFORE, Faulty, once
from tests.protocol.plant import Plant, plant

TICKET, CHANNEL = "tickets.Ticket", "channels.Channel"
FIRE = {"title": "It burns"}
NEVER_US = 2**53  # later than anything arrived
ODD = """
from mainstem import fold


def count_it(seen, happened):
    return seen + 1 // (happened.event.what != "bomb")


class Odd(View):
    seen = fold(0, {Sold: count_it})
"""


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "tickets", "channels", "clicks") as made:
        made.settle()
        yield made


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[House]:
    """Nobody waits for a version here."""
    with opened(tmp_path / "data", wait_s_max=0) as house:
        yield house


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Somebody else is writing this file, and nobody else can."""
    with closing(sqlite3.connect(store.file, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")
        yield
        somebody.execute("ROLLBACK")


def story(works: Plant) -> None:
    """A little of everything."""
    works.ask("tickets", Submit(title="It burns"), "t")
    works.ask("tickets", Watch(address="bob@example.org"), "t")
    works.ask("tickets", Comment(text="Still"), "t", by="bob")
    works.ask("tickets", Close(reason="out"), "t")
    works.ask("channels", Create(name="tea"), "c")
    for user in ("ann", "bob"):
        works.ask("channels", Join(), "c", by=user)
        works.ask("channels", Send(text=f"I am {user}"), "c", by=user)
    works.facts(("eve", "Viewed", {"page": "/tea", "ms": 900}))
    works.engine.catch_up()


def cells(works: Plant) -> dict[str, list[Any]]:
    """Every row of every view, as the bytes it is kept in."""
    return {
        into.sink.name: [
            (one.aggregate, one.key, one.version, one.cells)
            for one in drive(works.ports.rows.all(into.generation, ("", "", ""), 1_000))
        ]
        for into in works.engine.intos
    }


def test_writing_works_while_nobody_projects_and_the_view_is_old(hasty: House) -> None:
    yes(hasty.ask("/v1/tickets/t/submit", FIRE))
    hasty.caught_up()
    assert yes(hasty.ask("/v1/tickets/t/rename", {"title": "Fire"}))["version"] == 2
    assert yes(hasty.read("/v1/ticket/t"))["title"] == "It burns"
    assert no(hasty.read("/v1/ticket/t?version=2"), 409) == "it is at version 1; ask again"
    assert yes(hasty.caught_up().read("/v1/ticket/t?version=2"))["title"] == "Fire"


def test_commands_are_decided_where_no_view_can_be_written(hasty: House) -> None:
    with locked(hasty.ports.folder.views), locked(hasty.ports.folder.search):
        yes(hasty.ask("/v1/tickets/t/submit", FIRE))
        assert yes(hasty.ask("/v1/tickets/t/rename", {"title": "Fire"}))["version"] == 2
    assert yes(hasty.caught_up().read("/v1/ticket/t"))["title"] == "Fire"


def test_views_are_read_where_no_command_can_be_decided(hasty: House) -> None:
    yes(hasty.ask("/v1/tickets/t/submit", FIRE))
    hasty.caught_up()
    with locked(hasty.ports.folder.journal):
        assert yes(hasty.read("/v1/ticket/t"))["title"] == "It burns"
        for query in ("index=newest", "search=burns"):
            assert len(yes(hasty.read(f"/v1/ticket?{query}"))["rows"]) == 1


def test_a_row_is_one_read_of_one_key(works: Plant) -> None:
    story(works)
    rows: Any = Faulty(works.ports.rows, lambda _: None)
    ports, sink = works.ports, works.into(TICKET).sink
    reader = Reader(rows, ports.generations, ports.search, ports.journal, ports.clock)
    assert drive(reader.row(sink, Caller("ann"), "t")).version == 4
    assert rows.calls == ["read"]


def test_views_that_were_thrown_away_are_folded_again_byte_by_byte(tmp_path: Path) -> None:
    with plant(tmp_path / "data", "tickets", "channels", "clicks") as works:
        works.settle()
        story(works)
        before, due = cells(works), drive(works.ports.intents.waiting(0, 100))
        works.ports.folder.views.write(lambda db: db.execute("DELETE FROM generations"))
        assert works.ports.feed.forget(NEVER_US, keep_facts=True) > 0
    with plant(tmp_path / "data", "tickets", "channels", "clicks") as again:
        again.engine.catch_up()
        assert cells(again) == before
        assert all(before.values())
        assert drive(again.ports.intents.waiting(0, 100)) == due


def test_of_a_batch_only_what_failed_comes_again(works: Plant) -> None:
    for n in range(10):
        works.ask("tickets", Submit(title="It burns"), f"{n}")
    into = works.into(TICKET)
    rows: Any = Faulty(into.rows, once("write", BEFORE))
    consumer = Consumer(works.ports, [replace(into, rows=rows)])
    consumer.step()
    assert sorted(works.version(TICKET, f"{n}") for n in range(10)) == [0] + [1] * 9
    while consumer.step():
        pass
    assert [works.version(TICKET, f"{n}") for n in range(10)] == [1] * 10
    assert works.shown(TICKET) == works.expected(TICKET)


def test_where_one_view_is_at_rest_the_others_go_on(works: Plant) -> None:
    works.ask("tickets", Submit(title="It burns"), "t")
    works.ask("channels", Create(name="tea"), "c")
    tickets, channels = works.into(TICKET), works.into(CHANNEL)
    while Consumer(works.ports, [tickets]).step():
        pass
    assert (works.version(TICKET, "t"), works.version(CHANNEL, "c")) == (1, 0)
    while Consumer(works.ports, [channels]).step():
        pass
    assert works.version(CHANNEL, "c") == 1


def test_a_view_whose_code_fails_keeps_only_that_row_waiting(tmp_path: Path) -> None:
    with plant(tmp_path / "data", found=edition(tmp_path, more=ODD)) as works:
        works.settle()
        for id, what in (("a", "hat"), ("b", "bomb"), ("c", "hat")):
            command: Any = works.domains["shop"].commands["Sell"]
            works.asking.ask(works.domains["shop"], command(what=what), Caller("ann"), id=id)
        works.engine.catch_up()
        assert [works.version("shop.Sale", id) for id in "abc"] == [1, 1, 1]
        assert [works.version("shop.Odd", id) for id in "abc"] == [1, 0, 1]
        (parked,) = works.parked("shop.Odd")
        assert (parked.aggregate.id, parked.poison) == ("b", True)
        assert "ZeroDivisionError" in parked.why
