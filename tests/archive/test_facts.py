"""Facts in the archive: numbered in the order of the feed, each once, as live rows count them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.increment import Conflict
from mainstem.envelope import Envelope
from tests.archive.shelves import DAY_US, NOON_US, Archive, changed
from tests.protocol.plant import domains as real


def look(id: str, page: str, at: int = NOON_US) -> Envelope:
    return Envelope(
        tenant="main", domain="clicks", id=id, version=1, type="Viewed", schema=1, at=at, by="shop",
        data={"page": page, "ms": 1},
    )  # fmt: skip


@pytest.fixture
def clicks(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", {"clicks": real()["clicks"]})


def pages(archive: Archive) -> list[tuple[str, int, str]]:
    return sorted((row["id"], row["version"], row["page"]) for row in archive.rows("clicks"))


def test_facts_are_numbered_in_the_order_of_the_feed(clicks: Archive) -> None:
    one, two = clicks.facts(look("eve", "/1"), look("eve", "/2")), clicks.facts(look("eve", "/3"))
    clicks.keep(clicks.again(one), two, one)  # of what came twice, the first counts
    assert clicks.compact() == 3
    clicks.keep(clicks.again(one), clicks.facts(look("eve", "/4"), producer="q"))
    assert clicks.compact() == 1
    assert pages(clicks) == [("eve", n, f"/{n}") for n in range(1, 5)]


def test_facts_that_come_late_move_the_others_up(clicks: Archive) -> None:
    late = clicks.facts(look("eve", "/1"), producer="q")
    clicks.keep(clicks.facts(look("eve", "/2")), clicks.facts(look("ann", "/1")))
    clicks.compact()
    clicks.keep(clicks.facts(look("eve", "/3"), at=NOON_US + DAY_US))
    clicks.compact()
    clicks.keep(late, clicks.facts(look("ann", "/2")))
    assert clicks.compact() == 2
    assert pages(clicks) == [
        ("ann", 1, "/1"), ("ann", 2, "/2"), ("eve", 1, "/1"), ("eve", 2, "/2"), ("eve", 3, "/3"),
    ]  # fmt: skip
    clicks.keep(clicks.facts(look("eve", "/4")), clicks.again(late))
    assert clicks.compact() == 1
    assert pages(clicks)[-1] == ("eve", 4, "/4")
    assert clicks.verify("clicks").findings == ()


def test_a_fact_that_was_changed_on_its_way_stops_it(clicks: Archive) -> None:
    one = clicks.facts(look("eve", "/1"))
    clicks.keep(one)
    clicks.compact()
    changed(clicks.keep(clicks.again(one)), data='{"page": "/2", "ms": 1}')
    with pytest.raises(Conflict, match="main/clicks/eve: two events"):
        clicks.compact()
