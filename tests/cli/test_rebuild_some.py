"""`mainstem rebuild start --only`: some rows, mended where they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.places import RAW, raw_names
from local.archiving import ARCHIVE
from tests.cli.desk import Here, opened
from tests.cli.teas import TEA, later, stocked


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    return stocked(tmp_path)


def spoilt(shop: Here, id: str) -> None:
    """A row that somebody has written past everything."""
    with opened(shop.folder) as ports:
        ports.folder.views.write(
            lambda db: db.execute(
                "UPDATE heads SET cells = json_set(cells, '$.sales', 7) WHERE id = ?", (id,)
            )
        )


@pytest.mark.parametrize(
    ("only", "events"), [("id=a", 2), ("type=Sold", 3), ("since=2020-01-01", 3), ("id=b", 1)]
)
def test_a_plan_of_some_rows_says_what_would_be_mended(shop: Here, only: str, events: int) -> None:
    spoilt(shop, "a")
    said = shop("rebuild", "plan", "sale", "--only", only, "--json")
    assert (said.code, said.data["events"]) == (0, events)
    assert said.data["mended"] == (only != "id=b")
    text = shop("rebuild", "plan", "sale", "--only", only).out
    assert text.endswith(f"then    mainstem rebuild start sale --only {only}\n")
    assert shop("show", "sale/a", "--json").data["sales"] == 7  # nothing was written


@pytest.mark.parametrize("only", ["id=a", "type=Sold", "since=2020-01-01"])
def test_some_rows_are_mended_where_they_stand(shop: Here, only: str) -> None:
    spoilt(shop, "a")
    said = shop("rebuild", "start", "sale", "--only", only, "--json")
    assert (said.code, said.data["mended"]) == (0, 1)
    assert shop("show", "sale/a", "--json").data["sales"] == 2
    assert shop("rebuild", "start", "sale", "--only", only, "--json").data["mended"] == 0
    assert len(shop("rebuild", "list", "sale", "--json").data["generations"]) == 1


def test_others_are_left_as_they_are(shop: Here) -> None:
    spoilt(shop, "a")
    for only in ("id=b", "since=2090-01-01"):
        assert shop("rebuild", "start", "sale", "--only", only, "--json").data["mended"] == 0
    assert shop("show", "sale/a", "--json").data["sales"] == 7


def test_a_row_of_which_the_archive_lacks_an_event_is_left_as_it_is(shop: Here) -> None:
    archive = shop.folder / ARCHIVE
    shop.after("archive", "compact")
    shop.after("ask", "shop/b", "sell", "what=milk", "--as", "ann")
    before = {*raw_names(archive)}
    shop.after("sql", "FROM sale")
    for name in {*raw_names(archive)} - before:
        (archive / RAW / name).unlink()
    shop.after("ask", "shop/b", "sell", "what=rum", "--as", "ann")
    assert shop("show", "sale/b", "--json").data["sales"] == 3
    said = shop("rebuild", "start", "sale", "--only", "id=b", "--json")
    assert (said.code, said.data["mended"]) == (1, 0)
    assert said.data["left"] == ["shop/b: version 2 is missing before 3"]
    assert shop("show", "sale/b", "--json").data["sales"] == 3
    said = shop("rebuild", "check", "sale", "--sample", "100%", "--json")
    assert (said.code, said.data[0]["different"]) == (0, 0)


def test_a_row_with_an_empty_key_is_mended_as_any_other(shop: Here) -> None:
    price = "class Price(View, key=Sold.what):\n    sales = count(Sold)\n\n\nclass Sell("
    shop = later(shop, TEA.replace("class Sell(", price))
    shop.after("ask", "shop/a", "sell", "what=", "--as", "ann")
    mend = ("rebuild", "start", "price", "--only", "since=2020-01-01", "--json")
    assert shop(*mend).data["mended"] == 0
    with opened(shop.folder) as ports:  # b never sold anything without a name
        ports.folder.views.write(
            lambda db: db.execute(
                """UPDATE heads SET cells = '{"version": 1, "changed_at": 1, "sales": 1}'
                WHERE id = 'b' AND cells IS NULL"""
            )
        )
    assert shop(*mend).data["mended"] == 1
    assert shop(*mend).data["mended"] == 0


@pytest.mark.parametrize(
    ("only", "why"),
    [
        ("all", "--only all: is id=ID, type=EVENT or since=TIME"),
        ("id=", "--only id=: is id=ID, type=EVENT or since=TIME"),
        ("type=Bought", "--only type: shop: no event is called Bought: Sold"),
        ("since=soon", "--only since: 'soon' is no time"),
    ],
)
def test_what_is_meant_has_to_be_said_rightly(shop: Here, only: str, why: str) -> None:
    said = shop("rebuild", "start", "sale", "--only", only)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_rows_of_other_folds_are_not_mended_one_by_one(shop: Here) -> None:
    said = later(shop)("rebuild", "start", "sale", "--only", "id=a")
    assert said.code == 1
    assert "shop.Sale: its rows have other folds; rebuild all of it" in said.err
