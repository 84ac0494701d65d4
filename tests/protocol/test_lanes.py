"""CONSUME, ingested: every fact once, in the order of the feed, numbered where it is applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mainstem.aggregate import Aggregate
from mainstem.bundle import bundled, lane_of
from mainstem.envelope import Envelope, encode
from mainstem.ports import Bundle
from mainstem.protocol import ingest
from mainstem.protocol.drive import drive
from mainstem.protocol.ingest import Producer, send
from tests.protocol.faults import AFTER, BEFORE, Faulty, once
from tests.protocol.plant import Plant, plant

VIEW = "clicks.Visitor"


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Plant]:
    with plant(tmp_path / "data", "clicks") as made:
        made.settle()
        yield made


def viewed(id: str, page: str) -> tuple[str, str, dict[str, Any]]:
    return id, "Viewed", {"page": page, "ms": 3_000}


def line(id: str, page: str, **more: Any) -> bytes:
    fields = {"type": "Viewed", "data": {"page": page, "ms": 1}, **more}
    return encode(
        Envelope(tenant="main", domain="clicks", id=id, version=1, schema=1, at=0, by="s", **fields)
    )


def put(works: Plant, id: str, data: bytes) -> None:
    drive(works.ports.feed.put([Bundle(lane_of(Aggregate("main", "clicks", id)), data)]))


def latest(works: Plant, id: str) -> list[str]:
    """The pages of a visitor, the latest first."""
    return list(works.row(VIEW, id).latest_pages)  # type: ignore[union-attr]


def test_facts_are_applied_once_in_the_order_in_which_they_were_sent(works: Plant) -> None:
    assert all(works.facts(*[viewed("v1", f"/{n}") for n in range(5)], viewed("v2", "/x")))
    works.engine.catch_up()
    assert latest(works, "v1") == ["/4", "/3", "/2", "/1", "/0"]
    assert (works.version(VIEW, "v1"), works.version(VIEW, "v2")) == (5, 1)


@pytest.mark.parametrize("how", [BEFORE, AFTER])
def test_a_put_whose_outcome_is_unknown_is_sent_again_and_counts_once(
    works: Plant, how: str
) -> None:
    facts = [ingest.Fact(Aggregate("main", "clicks", "v1"), line("v1", f"/{n}")) for n in range(3)]
    feed = Faulty(works.ports.feed, once("put", how))
    assert drive(send(feed, works.ports.clock, Producer("p"), facts)) == (True, True, True)
    works.engine.catch_up()
    assert (works.version(VIEW, "v1"), latest(works, "v1")) == (3, ["/2", "/1", "/0"])


def test_two_producers_number_their_bundles_each_for_itself(works: Plant) -> None:
    for name in ("p", "q"):
        put(works, "v1", bundled([line("v1", f"/{name}")], name, 1))
    works.engine.catch_up()
    assert latest(works, "v1") == ["/q", "/p"]


def test_a_bundle_that_comes_again_is_known_by_its_producer_and_number(works: Plant) -> None:
    for _ in range(3):
        put(works, "v1", bundled([line("v1", "/a")], "p", 1))
    works.engine.catch_up()
    assert works.version(VIEW, "v1") == 1


def test_a_hole_in_the_numbers_is_remembered_and_filled_late(works: Plant) -> None:
    for n in (1, 3, 2, 2):
        put(works, "v1", bundled([line("v1", f"/{n}")], "p", n))
    works.engine.catch_up()
    assert latest(works, "v1") == ["/2", "/3", "/1"]


def test_a_fact_that_nobody_knows_yet_keeps_its_aggregate_waiting_and_no_other(
    works: Plant,
) -> None:
    put(works, "v1", bundled([line("v1", "/a"), line("v1", "/b", type="Sung")], "p", 1))
    works.facts(viewed("v1", "/c"), viewed("v2", "/x"))
    while works.engine.consume():
        pass
    into = works.into(VIEW)
    parked = drive(into.parks.parked(into.generation, Aggregate("main", "clicks", "v1")))
    assert parked is not None
    assert (parked.poison, len(parked.facts)) == (True, 2)
    assert (latest(works, "v1"), latest(works, "v2")) == (["/a"], ["/x"])


def test_what_is_given_up_on_is_that_fact_alone(works: Plant) -> None:
    from mainstem.protocol.repair import repair

    put(works, "v1", bundled([line("v1", "/a"), line("v1", "/b", type="Sung")], "p", 1))
    works.facts(viewed("v1", "/c"))
    while works.engine.consume():
        pass
    into, aggregate = works.into(VIEW), Aggregate("main", "clicks", "v1")
    assert not drive(repair(into, works.ports.journal, aggregate))
    assert drive(repair(into, works.ports.journal, aggregate, frozenset({2})))
    assert (latest(works, "v1"), works.version(VIEW, "v1")) == (["/c", "/a"], 3)
    assert works.parked(VIEW) == []


def test_a_lane_is_in_order_through_splits_and_merges(works: Plant) -> None:
    sent = []
    for step in range(6):
        sent += [f"/{step}-{n}" for n in range(4)]
        works.facts(*[viewed("v1", page) for page in sent[-4:]])
        open_shards = [s.name for s in drive(works.ports.feed.shards()) if not s.closed]
        works.ports.feed.split(open_shards[step % len(open_shards)])
    works.engine.catch_up()
    assert latest(works, "v1") == sent[:-11:-1]
    assert works.version(VIEW, "v1") == len(sent)


def test_rows_are_keyed_by_what_was_looked_at(works: Plant) -> None:
    works.facts(
        ("v1", "Viewed", {"page": "/", "ms": 1, "product": "hat"}),
        ("v1", "Purchased", {"product": "hat", "cents": 900, "order": "o1"}),
        ("v1", "Viewed", {"page": "/", "ms": 1}),
    )
    works.engine.catch_up()
    hat = works.row("clicks.Product", "v1", "hat")
    assert hat is not None
    assert (hat.revenue_cents, hat.views) == (900, 1)  # type: ignore[attr-defined]
    assert works.row("clicks.Product", "v1", "-") is not None
