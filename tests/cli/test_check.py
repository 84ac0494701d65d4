"""`mainstem check`: safe to release, or not, and why."""

from __future__ import annotations

from pathlib import Path

from cli.limits import FILE_LINES_MAX, FUNCTION_LINES_MAX
from tests.cli.desk import SHOP, Said, ask, domains, recorded

RECORDED = """\
{
  "domain": "shop",
  "events": {"Sold": {"schema": 1, "fields": {
    "cents": {"kind": "whole", "default": 0}, "what": {"kind": "text"}
  }}}
}
"""
AUCTION = '''\
"""An auction: bids."""

from __future__ import annotations

from collections.abc import Iterator

from mainstem import Command, Event, View, count


class Bid(Event):
    pass


class Forgotten(Event):
    pass


class Auction(View):
    bids = count(Bid)


class Offer(Command[Auction], starts=True):
    def decide(self, auction: Auction) -> Iterator[Event]:
        yield Bid()
'''


def check(folder: Path, *more: str) -> Said:
    return ask("check", "--domains", folder, "--examples", "5", *more)


def test_a_sound_domain_is_safe_to_release(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", RECORDED)
    said = check(folder)
    assert said.code == 0
    assert said.err == "checking shop\n"
    assert "✓ laws" in said.out
    assert "✓ schema  as recorded" in said.out
    assert said.out.endswith("\nsafe to release: shop\n")
    assert check(folder, "--quiet").err == ""


def test_the_same_as_data(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "shop", RECORDED)
    data = check(folder, "--json").data
    (shop,) = data["domains"]
    assert (data["safe"], shop["domain"], shop["safe"]) == (True, "shop", True)
    assert shop["laws"]
    assert all(law["failure"] is None for law in shop["laws"])
    assert shop["schema"]["changes"] == shop["limits"] == []


def test_a_broken_law_is_named_with_an_example(tmp_path: Path) -> None:
    said = check(domains(tmp_path, auction=AUCTION))
    assert said.code == 1
    assert "✗ laws" in said.out
    assert "no state or view hears Forgotten" in said.out
    assert "asked twice, decided twice: Offer()" in said.out
    assert said.out.endswith("\nnot safe to release: auction (laws)\n")


def test_what_breaks_stored_events_is_not_safe(tmp_path: Path) -> None:
    renamed = SHOP.replace("what: str", "item: str").replace("Sold.what", "Sold.item")
    folder = domains(tmp_path, shop=renamed)
    recorded(folder, "shop", RECORDED)
    said = check(folder)
    assert said.code == 1
    assert "✗ schema  1 change breaks what is stored" in said.out
    assert 'item: str = was("what")' in said.out
    assert said.out.endswith("\nnot safe to release: shop (schema)\n")


def test_growth_is_recorded_before_a_release(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP.replace("cents: int = 0", "cents: int = 0; to: str = ''"))
    recorded(folder, "shop", RECORDED)
    said = check(folder)
    assert said.code == 1
    assert "✗ schema  `mainstem schema accept shop` records the change" in said.out
    assert "+ Sold.to was added" in said.out


def test_a_domain_that_was_never_recorded_promises_nothing(tmp_path: Path) -> None:
    said = check(domains(tmp_path, shop=SHOP))
    assert said.code == 0
    assert "· schema  not recorded yet; before its first release" in said.out


def test_a_snapshot_without_its_domain_is_not_safe(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    recorded(folder, "sweets", RECORDED.replace("shop", "sweets"))
    said = check(folder)
    assert said.code == 1
    assert "sweets: its file is gone" in said.out
    assert "class Sold(Event, silent=True):" in said.out
    assert check(folder, "shop").code == 0


def test_what_is_too_long_is_not_safe(tmp_path: Path) -> None:
    long = "def far() -> None:\n" + "    assert True\n" * FUNCTION_LINES_MAX
    lines = "# and on\n" * FILE_LINES_MAX
    said = check(domains(tmp_path, shop=f"{SHOP}\n\n{long}{lines}"))
    assert said.code == 1
    assert f"far has {FUNCTION_LINES_MAX + 1} lines" in said.out
    assert f"a file has {FILE_LINES_MAX} at most" in said.out


def test_one_of_several_may_be_checked_alone(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP, auction=AUCTION)
    assert check(folder, "shop").out.endswith("safe to release: shop\n")
    assert check(folder).out.endswith("not safe to release: auction (laws)\n")


def test_a_name_that_is_none_gets_a_hint(tmp_path: Path) -> None:
    folder = domains(tmp_path, shop=SHOP)
    said = check(folder, "shpo")
    assert said.code == 2
    assert "no domain is called 'shpo'; did you mean shop?" in said.err
    assert "there are shop" in check(folder, "zebra").err
