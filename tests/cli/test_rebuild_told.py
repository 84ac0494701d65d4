"""`mainstem rebuild` does nothing in silence: what goes, what stays, and who was not meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.rebuild_told import step_text
from local.rebuilding import Paused, Rebuilding
from mainstem.aggregate import Aggregate
from mainstem.discovery import discover
from mainstem.ports import Parked
from mainstem.protocol.drive import drive
from mainstem.protocol.loading import Loaded
from mainstem.protocol.rebuild import Part, Standing, Step
from mainstem.sink import sinks_of
from tests.cli.desk import SHOP, Here, domains, opened
from tests.cli.teas import FIRST, TEA, later, stocked


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    return stocked(tmp_path)


def test_going_back_twice_says_that_it_goes_forward(shop: Here) -> None:
    shop.after("rebuild", "start", "sale")
    shop.after("rebuild", "promote", "sale")
    assert shop.after("rebuild", "rollback", "sale").err == ""
    said = shop.after("rebuild", "rollback", "sale", "--quiet")
    assert said.out.startswith("generation 2 of shop.Sale is read; generation 1 is kept")
    assert said.err == "mainstem: generation 2 is the newer of the two again\n"


def test_what_is_paused_is_listed_with_how_much_of_it_is_done(shop: Here) -> None:
    with opened(shop.folder) as ports:
        (sink,) = sinks_of(discover(shop.domains))

        def told(at: Standing) -> None:
            if at.step is Step.FOLDING:
                rebuilding.pause(ports.generations.every()[-1])

        rebuilding = Rebuilding(ports, sink, told)
        with pytest.raises(Paused):
            rebuilding.start()
    assert "  folding 0%, paused" in shop("rebuild", "list", "sale").out
    _, found = shop("rebuild", "list", "sale", "--json").data["generations"]
    assert (found["step"], found["share"], found["paused"]) == ("folding", 0.0, True)
    said = shop("rebuild", "pause", "sale")
    assert (said.code, said.out) == (1, "")
    assert "shop.Sale: nobody is at it; `mainstem rebuild resume` goes on" in said.err
    shop.after("rebuild", "resume", "sale")
    assert shop("rebuild", "list", "sale").out.endswith("  ready\n")


def test_how_long_it_takes_is_told_once_one_of_several_parts_is_whole() -> None:
    """The first rows are written long after it began, and of all parts at once."""
    parts = [Part(("main", f"{n}"), ("main", f"{n + 1}"), 100, 10) for n in range(3)]
    begun = Standing(step=Step.FOLDING, events=300, parts=tuple(parts), seconds=10.0)
    assert step_text(replace(begun, done=Loaded(50))) == "50 of 300 events, 17%"
    whole = begun.ended(1, Loaded(100), 10.0)
    assert step_text(whole) == "100 of 300 events, 33%, 10/s, 20 s to go"
    alone = replace(begun, parts=tuple(parts[:1]), events=100, done=Loaded(50))
    assert step_text(alone) == "50 of 100 events, 50%, 5/s, 10 s to go"


def test_what_is_checked_is_told_to_machines_as_it_goes_on(shop: Here) -> None:
    said = shop("rebuild", "check", "--sample", "50%", "--json")
    assert json.loads(said.err) == {"view": "shop.Sale", "sample": 0.5}


def test_who_is_allowed_to_wait_has_to_wait(shop: Here) -> None:
    shop.after("rebuild", "start", "sale")
    said = shop("rebuild", "promote", "sale", "--allow-parked", "NOPE")
    assert (said.code, said.out) == (1, "")
    assert "--allow-parked NOPE: it does not wait in generation 2; mainstem parked l" in said.err
    with opened(shop.folder) as ports:
        _, new = ports.generations.every()
        whose = Aggregate("main", "shop", "b")
        parked = Parked(new.sink, new.number, whose, 9, "it can't be folded", poison=True, since=0)
        drive(ports.parks.park(new, parked))
    assert shop("rebuild", "promote", "sale").code == 1
    assert shop("rebuild", "promote", "sale", "--allow-parked", "b", "--yes").code == 0


def test_a_page_takes_the_place_of_another_page_alone(shop: Here, tmp_path: Path) -> None:
    shop.after("rebuild", "start", "sale")
    page = tmp_path / "diff.html"
    for _ in range(2):
        shop.after("rebuild", "diff", "sale", "--html", str(page))
    assert "what is different" in page.read_text("utf-8")
    page.write_text("mine", "utf-8")
    said = shop("rebuild", "diff", "sale", "--html", page)
    assert (said.code, said.out, page.read_text("utf-8")) == (1, "", "mine")
    assert "diff.html: is there, and no page of a diff; --yes overwrites it" in said.err
    shop.after("rebuild", "diff", "sale", "--html", str(page), "--yes")
    assert page.read_text("utf-8") != "mine"


def test_how_many_more_rows_differ_than_are_shown_is_told(shop: Here, tmp_path: Path) -> None:
    for n in range(11):
        for what in ("tea", "jam"):
            shop.after("ask", f"shop/c{n:02}", "sell", f"what={what}", "--as", "ann")
    other, page = later(shop), tmp_path / "diff.html"
    other.after("rebuild", "start", "sale")
    said = other("rebuild", "diff", "sale", "--html", page)
    assert said.out.count(" → ") == 10
    assert "\n  and 2 rows more\n  why " in said.out
    assert "And 2 rows more." in page.read_text("utf-8")


def test_a_rebuild_that_is_given_up_for_another_fold_is_told(shop: Here) -> None:
    other = later(shop)
    other.after("rebuild", "start", "sale")
    said = other.after("show", "sale/a", "--quiet")
    told = "mainstem: shop.Sale: generation 2, a rebuild that was not promoted, is given up\n"
    assert said.err == told
    assert "nothing is built" in other("rebuild", "promote", "sale").err
    later(shop, TEA).after("rebuild", "start", "sale")
    newest = later(shop, FIRST.replace("sales = count(Sold)", "sold = count(Sold)"))
    assert "shop.Sale: generation 4, a rebuild that w" in newest.after("show", "sale/a").err


def test_how_much_there_is_to_fold_of_facts_is_told_from_the_first_line_on(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, shop=SHOP))
    for file in range(3):
        facts = tmp_path / f"{file}.ndjson"
        lines = ({"id": f"{n}", "type": "Sold", "data": {"what": "x" * 900}} for n in range(3_000))
        facts.write_text("".join(f"{json.dumps(one)}\n" for one in lines), "utf-8")
        here.after("ingest", "shop", str(facts))
    here.after("show", "sale/1")
    with opened(here.folder) as ports:
        records = sum(
            len(drive(ports.feed.read(one.name, 0, 10_000)).records)
            for one in drive(ports.feed.shards())
        )
    other = later(here, SHOP.replace("last(", "first(").replace("count, last", "count, first"))
    said = other.after("show", "sale/1")
    assert said.err == f"shop.Sale changed: folding it anew, {records:,} to do\n"


def test_who_promotes_one_view_hears_which_others_the_file_changes(tmp_path: Path) -> None:
    two = TEA.replace("class Sell(", "class Till(View):\n    sold = count(Sold)\n\n\nclass Sell(")
    here = Here(tmp_path / "data", domains(tmp_path, shop=two))
    here.after("ask", "shop/a", "sell", "what=tea", "--as", "ann")
    text = two.replace("sold = count(Sold)", "sold = count(Sold, where=Sold.cents > 0)")
    text = text.replace("what = last(", "what = first(").replace("count, last", "count, first")
    other = later(here, text)
    for view, changed in (("sale", ["shop.Till"]), ("till", [])):
        other.after("rebuild", "start", view)
        said = other("rebuild", "promote", view, "--json").data
        assert (said["view"].lower(), said["changed"]) == (f"shop.{view}", changed)
    back = here.after("rebuild", "rollback", "sale")
    assert back.out.endswith(
        "\nchanged, too: shop.Till;"
        " what is not rebuilt first is folded anew before anybody is answered\n"
    )
