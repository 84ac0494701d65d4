"""How events are read: as they mean today, whatever age they have and whoever came before."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from archive.asking import Asking
from archive.places import TABLES
from mainstem._refusal import Unfit
from mainstem.discovery import domain_of
from mainstem.envelope import Envelope
from mainstem.sql.duck import typed_table
from tests.agreement import facts as agreed
from tests.agreement.histories import history
from tests.archive.shelves import Archive, changed, sold
from tests.archive.test_compact import ASKS, domain
from tests.cli.desk import SHOP

pytestmark = pytest.mark.slow

FACTS = domain_of(agreed)
GROWN = ASKS.replace("cents: int = 0", "cents: int = 0\n    colour: str = 'red'")
RENAMED = ASKS.replace("cents: int = 0", "price: int = was('cents', default=0)").replace(
    "import Event", "import was, Event"
)
CODED = (
    ASKS.replace("import Event", "import upcast, Event")
    + """

@upcast(Sold, of=1)
def in_euros(data):
    return {**data, "cents": data["cents"] * 2}
"""
)


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", {"shop": domain(tmp_path)})


@pytest.mark.parametrize("seed", range(8))
def test_columns_are_what_events_mean_today(tmp_path: Path, seed: int) -> None:
    """Whatever age they have: former names, defaults, and every awkward value."""
    events = history(Random(seed))
    archive = Archive(tmp_path / "archive", {"facts": FACTS})
    by_id: dict[tuple[str, str], list[Envelope]] = {}
    for one in events:
        by_id.setdefault((one.tenant, one.id), []).append(one)
    facts = [archive.facts(*some, producer=f"{key}") for key, some in by_id.items()]
    archive.keep(*facts)
    assert archive.compact() == len(events)
    wanted = typed_table(FACTS, events).to_pylist()
    named = {one.name for event in FACTS.events.values() for one in event.__shape__.fields}
    key = ("tenant", "id", "version")
    found = sorted(archive.rows("facts"), key=lambda row: [row[one] for one in key])
    wanted.sort(key=lambda row: [row[one] for one in key])
    names = {*named, *key, "type", "at", "by"}
    for row, other in zip(found, wanted, strict=True):
        assert {n: row[n] for n in names} == {n: other[n] for n in names}


def test_columns_grow_with_the_domain(tmp_path: Path, shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    shop.compact()
    shop.domains = {"shop": domain(tmp_path, GROWN)}
    shop.keep(*shop.commits([sold("a", 2, 6, colour="blue")], [sold("a", 3, 7)]))
    assert shop.compact() == 3  # all of it is read by the code of today
    assert shop.compact() == 0
    shop.compact("2026-06-02")  # and what is sorted anew is read as it means today
    assert [row["colour"] for row in shop.rows("shop")] == ["red", "blue", "red"]


def test_a_field_that_was_renamed_is_one_column(tmp_path: Path, shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    shop.compact()
    shop.domains = {"shop": domain(tmp_path, RENAMED)}
    shop.keep(*shop.commits([sold("a", 2, 6)]))
    assert shop.compact() == 2
    shop.compact("2026-06-02")
    assert [row["price"] for row in shop.rows("shop")] == [5, 6]


def test_where_upcasts_are_code_events_are_read_by_it(tmp_path: Path, shop: Archive) -> None:
    shop.domains = {"shop": domain(tmp_path, CODED)}
    new = sold("a", 2, 6)
    said = {name: getattr(new, name) for name in new.__struct_fields__}
    shop.keep(*shop.commits([sold("a", 1, 5)], [Envelope(**{**said, "schema": 2})]))
    assert shop.compact() == 2
    assert [row["cents"] for row in shop.rows("shop")] == [10, 6]


OTHERWISE = {
    "an upcast": (CODED, "cents", 10),
    "another default": (ASKS.replace("cents: int = 0", "cents: int = 7"), "cents", 5),
    "another kind": (ASKS.replace("cents: int = 0", "cents: float = 0.0"), "cents", 5.0),
    "a name that is given again": (
        RENAMED + "\n\nclass Refunded(Event, silent=True):\n    cents: int\n", "cents", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", OTHERWISE)
def test_what_is_read_otherwise_is_read_again_from_raw(
    tmp_path: Path, shop: Archive, how: str
) -> None:
    text, column, value = OTHERWISE[how]
    (one,) = shop.commits([sold("a", 1, 5)])
    shop.keep(one)
    shop.compact()
    shop.domains = {"shop": domain(tmp_path, text)}
    ask = Asking(shop.path, shop.domains)
    question = f"SELECT {column} FROM shop_events"
    assert ask.table(question).to_pylist() == [{column: value}]
    shop.keep(shop.again(one))  # and what came twice is the same, whoever reads it
    assert shop.compact() == 1
    assert ask.table(question).to_pylist() == [{column: value}]
    assert shop.verify("shop").findings == ()
    assert shop.compact() == 0


def test_events_that_the_code_does_not_know_wait_for_newer_code(shop: Archive) -> None:
    changed(shop.keep(*shop.commits([sold("a", 1, 5)])), type="Flown")
    with pytest.raises(Unfit, match="raw holds Flown, which the domain file at hand does not know"):
        shop.compact()
    assert not (shop.path / TABLES).exists()


def test_where_facts_become_decisions_the_table_is_made_anew(tmp_path: Path, shop: Archive) -> None:
    """Its columns are others: how facts stood on the feed says nothing any more."""
    shop.domains = {"shop": domain(tmp_path, SHOP)}
    shop.keep(shop.facts(sold("a", 1, 5)))
    assert shop.compact() == 1
    shop.domains = {"shop": domain(tmp_path)}
    shop.keep(*shop.commits([sold("b", 1, 6)]))
    assert shop.compact() == 2
    assert [(row["id"], row["cents"]) for row in shop.rows("shop")] == [("a", 5), ("b", 6)]
    assert "producer" not in shop.rows("shop")[0]
