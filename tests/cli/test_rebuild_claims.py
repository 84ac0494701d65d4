"""`mainstem rebuild` of a view that claims otherwise: told before it is read, and by name after."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import engaged
from local.locks import DECIDING, WORK, held
from tests.cli.desk import Here, domains
from tests.cli.teas import TEA, later
from tests.cli.test_rebuild_beside_up import up

pytestmark = pytest.mark.slow

CLAIMS = TEA.replace(
    "    sales = count(Sold)\n", "    sales = count(Sold)\n    only = unique(what)\n"
)
CLAIMS = CLAIMS.replace("count, last", "count, first, last, unique")
OTHERWISE = CLAIMS.replace(
    "    only = unique(what)\n", "    began = first(Sold.what)\n    only = unique(began)\n"
)


def sold(here: Here, *sales: tuple[str, str]) -> None:
    for id, what in sales:
        here.after("ask", f"shop/{id}", "sell", f"what={what}", "--as", "ann")


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    """By what they sold first, a and b claim the same; b holds it."""
    here = Here(tmp_path / "data", domains(tmp_path, shop=CLAIMS))
    sold(here, ("a", "tea"), ("a", "cake"), ("b", "tea"), ("c", "jam"), ("c", "pie"))
    return here


def test_what_several_claim_is_listed_and_not_read_unless_yes_says_so(shop: Here) -> None:
    other = later(shop, OTHERWISE)
    clash = {"tenant": "main", "mark": "only", "values": ["tea"], "ids": ["a", "b"]}
    said = other("rebuild", "start", "sale", "--json")
    assert (said.code, said.data["contested"]) == (0, [clash])
    said = other("rebuild", "diff", "sale")
    assert said.code == 1
    assert said.out.endswith(
        "1 value that several claim, and only one can hold\n  only 'tea': a, b\n"
    )
    assert other("rebuild", "diff", "sale", "--json").data["contested"] == [clash]
    said = other("rebuild", "promote", "sale")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "mainstem: several claim the same; --yes promotes it all the same, and the later go "
        "without\n  only 'tea': a, b\n"
    )
    said = other("rebuild", "promote", "sale", "--yes", "--json")
    assert said.data["without"] == [
        {"tenant": "main", "id": "a", "mark": "only", "values": ["tea"], "holder": "b"}
    ]
    assert 'mainstem: shop/a goes without only ["tea"]: b holds it\n' in said.err
    said = other("ask", "shop/d", "sell", "what=jam", "--as", "ann")
    assert said.code == 1
    assert "only" in said.err


def test_claims_change_hands_back(shop: Here) -> None:
    other = later(shop, OTHERWISE)
    other.after("rebuild", "start", "sale")
    other.after("rebuild", "promote", "sale", "--yes")
    sold(other, ("d", "pie"))  # which c sells now: the code before would have refused it
    said = later(shop, CLAIMS)("rebuild", "rollback", "sale", "--json")
    assert [(one["id"], one["holder"]) for one in said.data["without"]] == [("c", "d")]
    assert shop("ask", "shop/e", "sell", "what=cake", "--as", "ann").code == 1


def test_claims_that_say_the_same_are_no_news(shop: Here) -> None:
    more = CLAIMS.replace(
        "sales = count(Sold)", "sales = count(Sold)\n    some = first(Sold.cents)"
    )
    other = later(shop, more)
    said = other("rebuild", "start", "sale", "--json")
    assert said.data["contested"] == []
    said = other("rebuild", "promote", "sale")
    assert (said.code, said.err) == (0, "")


def test_nothing_is_decided_while_claims_change_hands(
    shop: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engaged, "WAIT_S_MAX", 0.0)
    with held(shop.folder, WORK), held(shop.folder, DECIDING):
        said = shop("ask", "shop/d", "sell", "what=bun", "--as", "ann")
    assert (said.code, said.out) == (3, "")
    assert said.err == "mainstem: claims are just changing hands; run it again\n"
    sold(shop, ("d", "bun"))


def test_beside_the_code_before_they_change_hands_when_it_is_restarted(shop: Here) -> None:
    other = later(shop, OTHERWISE)
    with up(shop):
        other.after("rebuild", "start", "sale")
        said = other("rebuild", "promote", "sale", "--yes", "--json")
        assert (said.data["restart"], said.data["claims_later"]) == (True, True)
        assert shop("ask", "shop/d", "sell", "what=cake", "--as", "ann").code == 1
        sold(shop, ("d", "jam"), ("d", "bun"))
        assert other("ask", "shop/e", "sell", "what=bun", "--as", "ann").code == 3
    assert "· folds       claims change hands with the next com" in other("doctor").out
    with up(other):
        assert other("ask", "shop/e", "sell", "what=jam", "--as", "ann").code == 1
        sold(other, ("e", "bun"))
