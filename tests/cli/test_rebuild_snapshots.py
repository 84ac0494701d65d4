"""`mainstem rebuild snapshots`: planned, made, compared, and told where one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import Here, domains, opened, somebody_at_work
from tests.cli.teas import FIRST, TEA, later

SOLD = 20


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    here = Here(tmp_path / "data", domains(tmp_path, shop=TEA))
    for n in range(SOLD):
        here.after("ask", "shop/a", "sell", f"what=tea {n}", "--as", "ann")
    here.after("ask", "shop/b", "sell", "what=tea", "--as", "ann")
    return here


def test_a_plan_says_what_there_is_to_do(shop: Here) -> None:
    other = later(shop, FIRST)
    said = other("rebuild", "snapshots", "shop", "--json").data
    del said["seconds"]
    assert said == {
        "of": "shop", "aggregates": 2, "enough": 1, "lacking": 1, "damaged": 0, "events": SOLD,
    }  # fmt: skip
    said = other("rebuild", "snapshots", "shop/b")
    assert said.out.startswith("shop/b: 1 aggregate, 0 with records enough for a snapshot\n")
    assert said.out.endswith("\nthen    mainstem rebuild snapshots shop/b --yes\n")


def test_what_is_lacking_is_made_beside_whoever_is_at_work(shop: Here) -> None:
    other = later(shop, FIRST)
    with somebody_at_work(shop):
        said = other("rebuild", "snapshots", "shop", "--yes")
    assert (said.code, said.out) == (
        0, "shop: 1 aggregate made, 0 as they should be, 0 snapshots wrong, 0 can't be folded\n",
    )  # fmt: skip
    again = other("rebuild", "snapshots", "shop", "--yes", "--json").data
    assert (again["made"], again["right"]) == (0, 1)


def test_one_that_is_wrong_is_told_and_replaced(shop: Here) -> None:
    shop.after("rebuild", "snapshots", "shop/a", "--yes")
    with opened(shop.folder) as ports:
        ports.folder.journal.write(lambda db: db.execute("UPDATE snapshots SET cells = x'7b7d'"))
    said = shop("rebuild", "snapshots", "shop", "--yes", "--json")
    assert (said.code, said.data["wrong"]) == (1, [{"aggregate": "shop/a", "state": "Sale"}])
    assert shop("rebuild", "snapshots", "shop", "--yes").code == 0


def test_what_can_not_be_folded_is_told(shop: Here) -> None:
    with opened(shop.folder) as ports:
        ports.folder.journal.write(lambda db: db.execute("DELETE FROM records WHERE first = 5"))
    said = shop("rebuild", "snapshots", "shop", "--yes")
    assert said.code == 1
    assert said.out.endswith("  shop/a: has a hole, version 4 is followed by 6\n")


@pytest.mark.parametrize(
    ("where", "code", "why"),
    [
        ("sop", 2, "no domain is called 'sop'; did you mean shop?"),
        ("shop/", 2, "ID has from 1 to"),
        ("shop/z", 1, "shop/z: nothing has happened to it"),
    ],
)
def test_what_is_typed_wrong_is_told(shop: Here, where: str, code: int, why: str) -> None:
    said = shop("rebuild", "snapshots", where)
    assert (said.code, said.out) == (code, "")
    assert why in said.err


def test_facts_are_decided_by_nobody(here: Here) -> None:
    said = here("rebuild", "snapshots", "clicks")
    assert (said.code, said.out) == (2, "")
    assert "clicks: holds facts; nothing is decided there" in said.err
