"""`mainstem rebuild`: planned, built, compared, read, and gone back from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local.rebuilding import Rebuilding
from mainstem.discovery import discover
from mainstem.sink import sinks_of
from tests.cli.desk import SHOP, Here, domains, opened
from tests.cli.teas import NO_CAKE, TEA, later, stocked


@pytest.fixture
def shop(tmp_path: Path) -> Here:
    return stocked(tmp_path)


def test_a_plan_says_what_it_reads_and_writes_and_writes_nothing(shop: Here) -> None:
    shop.after("archive", "compact")
    said = shop("rebuild", "sale", "--json").data
    assert (said["events"], said["aggregates"], said["rows"], said["engine"]) == (3, 2, 2, "DuckDB")
    assert (said["same"], said["changes"], said["write_units"]) == (True, [], 2)
    assert len(shop("rebuild", "list", "sale", "--json").data["generations"]) == 1


def test_a_plan_counts_what_is_not_in_the_table_yet(shop: Here) -> None:
    said = shop("rebuild", "plan", "sale")
    assert said.code == 0
    assert "reads   0 events of 0 aggregates, 0.0 MB, and 3 events of 1 raw object, com" in said.out
    assert "takes   how long, is known once some of it is in the table: mainstem arc" in said.out
    assert "\nwrites  how many rows, is known then too; nothing follows from it\nthen" in said.out
    assert shop("rebuild", "plan", "sale", "--json").data["dollars"] is None
    shop.after("archive", "compact")
    shop.after("ask", "shop/c", "sell", "what=tea", "--as", "ann")
    data = shop("rebuild", "plan", "sale", "--json").data
    assert [data[one] for one in ("events", "raw_objects", "raw_events", "rows")] == [3, 1, 1, 3]


def test_a_plan_says_who_folds_and_what_is_missing_for_it(
    shop: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.after("archive", "compact")
    monkeypatch.setenv("MAINSTEM_SPARK", "no-such-spark")
    said = shop("rebuild", "plan", "sale", "--engine", "spark")
    assert said.code == 0
    assert (
        "; Spark folds\nneeds   MAINSTEM_SPARK names no-such-spark, which is not here" in said.out
    )
    assert "s to fold here by DuckDB, as 3 events took" in said.out
    assert said.out.endswith("mainstem rebuild start sale --engine spark\n")
    data = shop("rebuild", "plan", "sale", "--engine", "duckdb", "--json").data
    assert (data["engine"], data["missing"]) == ("DuckDB", "")


def test_where_spark_is_not_one_line_says_so_and_nothing_is_begun(
    shop: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAINSTEM_SPARK", "no-such-spark")
    said = shop("rebuild", "start", "sale", "--engine", "spark")
    assert (said.code, said.out) == (3, "")
    assert "MAINSTEM_SPARK names no-such-spark, which is not here" in said.err
    assert "Traceback" not in said.err
    assert len(shop("rebuild", "list", "sale", "--json").data["generations"]) == 1


def test_a_plan_tells_what_changed_in_the_fold(shop: Here) -> None:
    said = later(shop)("rebuild", "plan", "sale")
    assert "  ~ what: first of Sold.what, before last of Sold.what\n" in said.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("plan", "sole"), "no view is called 'sole'; did you mean sale?"),
        (("sole",), "no view is called 'sole'; did you mean sale?"),
        (("strat", "sale"), "no command of rebuild is called 'strat'; did you mean start?"),
        (("plan", "sale", "--only", "id=a", "--price", "write=1"), "leave out --price"),
        (("sale", "start"), "the command comes first: mainstem rebuild start sale"),
        (("plan", "sale", "--only", "all"), "--only all: is id=ID, type=EVENT or since=TIME"),
        (("start", "sale", "--only", "since=9999-01-01"), "--only since: 9999-01-01: a moment is"),
        (("diff", "sale", "--html", "not/there.html"), "--html not/there.html: there is no folder"),
        (("plan", "sale", "--price", "read=1"), "--price names one of write, scan"),
        (("plan", "sale", "--price", "write=cheap"), "--price write: 'cheap' is no number"),
        (("check", "--sample", "0%"), "--sample 0%: more than 0% and at most 100%"),
        (("check", "--sample", "many"), "--sample many: more than 0% and at most 100%"),
        (("check", "--expect", "wat"), "no column is called 'wat'; did you mean what?"),
        (("plan", "sale", "--price", "write=nan"), "--price write: 'nan' is no number of dollars"),
        (("plan", "sale", "--engine", "pandas"), "Invalid value for '--engine'"),
        (("start", "sale", "--engine", "spark", "--only", "id=a"), "leave out --engine"),
    ],
)
def test_what_is_typed_wrong_is_told(shop: Here, words: tuple[str, ...], why: str) -> None:
    said = shop("rebuild", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err


def test_how_long_it_takes_is_told_once_something_is_known_of_it(shop: Here) -> None:
    assert shop("rebuild", "start", "sale").err.splitlines() == [
        "pinning", "0 of 3 events, 0%", "catching up", "ready",
    ]  # fmt: skip


def test_a_plan_of_what_nobody_reads_yet_says_so(shop: Here) -> None:
    with opened(shop.folder) as ports:
        ports.folder.views.write(lambda db: db.execute("DELETE FROM generations"))
    said = shop("rebuild", "plan", "sale")
    assert said.out.startswith("shop.Sale is not read yet: this would be its first generation\n")
    assert shop("rebuild", "plan", "sale", "--json").data["same"] is None


def test_there_is_nothing_to_pause_in_what_is_ready(shop: Here) -> None:
    shop.after("rebuild", "start", "sale")
    said = shop("rebuild", "pause", "sale")
    assert (said.code, said.out) == (1, "")
    assert "generation 2 is ready, so there is nothing to pause" in said.err
    assert shop("rebuild", "watch", "sale", "--json").data["step"] == "ready"


@pytest.mark.parametrize("words", [("start", "sale"), ("resume", "sale")])
def test_each_step_is_told_to_machines_as_watch_tells_it(
    shop: Here, words: tuple[str, ...]
) -> None:
    if words[0] == "resume":
        shop.after("rebuild", "start", "sale")
    told = shop("rebuild", *words, "--json")
    lines = [json.loads(line) for line in told.err.splitlines()]
    steps = ["pinning", "folding", "catching up", "ready"]
    assert [one["step"] for one in lines] == (steps if words[0] == "start" else ["ready"])
    assert lines[-1] == shop("rebuild", "watch", "sale", "--json").data
    assert told.data == {**lines[-1], "contested": []}
    assert shop("rebuild", *words, "--json", "--quiet").err == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("promote", "sale"), "nothing is built; `mainstem rebuild start` does"),
        (("rollback", "sale"), "no generation is kept to go back to"),
        (("resume", "sale"), "nothing is being built by the code at hand"),
        (("pause", "sale"), "nothing is being built by the code at hand"),
        (("watch", "sale"), "nothing is being built by the code at hand"),
        (("diff", "sale"), "there are no two generations to compare"),
        (("drop", "sale", "1"), "generation 1 is read; it can't be dropped"),
        (("drop", "sale", "9"), "there is no generation 9"),
        (("drop", "sale", "1", "--yes"), "generation 1 is read; it can't be dropped"),
        (("drop", "sale", "9", "--yes"), "there is no generation 9"),
    ],
)
def test_what_can_not_be_is_refused(shop: Here, words: tuple[str, ...], why: str) -> None:
    said = shop("rebuild", *words)
    assert (said.code, said.out) == (1, "")
    assert why in said.err


def test_what_was_built_is_read_and_gone_back_from(shop: Here) -> None:
    built = shop("rebuild", "start", "sale", "--json").data
    assert (built["step"], built["events"], built["share"]) == ("ready", 3, 1.0)
    assert built["loaded"]["rows"] == 2
    assert shop("rebuild", "diff", "sale").code == 0
    assert shop("rebuild", "watch", "sale", "--json").data["step"] == "ready"
    assert shop("rebuild", "promote", "sale", "--json").data == {
        "view": "shop.Sale", "current": 2, "kept": 1, "restart": False, "changed": [],
        "without": [], "claims_later": False,
    }  # fmt: skip
    shop.after("ask", "shop/b", "sell", "what=pie", "--as", "ann")
    assert shop("show", "sale/b", "--json").data["what"] == "pie"
    assert shop("rebuild", "rollback", "sale", "--json").data["current"] == 1
    assert shop("show", "sale/b", "--json").data["what"] == "pie"
    said = shop("rebuild", "drop", "sale", "2")
    assert (said.code, said.out) == (1, "")
    assert "generation 2 and its rows would be gone; --yes does it" in said.err
    shop.after("rebuild", "drop", "sale", "2", "--yes")
    found = shop("rebuild", "list", "sale", "--json").data["generations"]
    assert [(one["generation"], one["stage"]) for one in found] == [(1, "current")]


@pytest.mark.slow
def test_what_waits_keeps_it_from_being_read_and_gone_back_to_unless_it_is_named(
    shop: Here,
) -> None:
    worse = later(shop, NO_CAKE)
    worse.after("rebuild", "start", "sale")
    for verb in ("promote", "rollback"):
        said = worse("rebuild", verb, "sale", "--allow-parked", "b", "--yes")
        assert "--allow-parked b: it does not wait in generation 2" in said.err
        said = worse("rebuild", verb, "sale", "--yes")
        assert said.code == 1
        assert "1 wait: shop/a (version 2: worse: " in said.err
        assert "`--allow-parked` names those that may" in said.err
        done = worse("rebuild", verb, "sale", "--allow-parked", "a", "--yes", "--json")
        assert done.data["current"] == 2
        same = later(shop, TEA)
        assert same("rebuild", "rollback", "sale", "--json").data["current"] == 1


def test_rows_that_differ_are_shown_with_both_values(shop: Here, tmp_path: Path) -> None:
    other = later(shop)
    other.after("rebuild", "start", "sale")
    page = tmp_path / "diff.html"
    said = other("rebuild", "diff", "sale", "--html", page)
    assert said.code == 1
    assert said.out.splitlines()[:3] == [
        "shop.Sale: 1 row alike, 1 different, 0 only before, 0 only after, 0 on their way",
        "  what: 1 row",
        "  a (version 2) what: 'cake' → 'tea'",
    ]
    text = page.read_text("utf-8")
    assert "<del>&#x27;cake&#x27;</del>" in text
    assert "Sold" in text  # the events behind it
    assert other("rebuild", "promote", "sale").code == 0  # that column was meant to change


def test_a_column_of_another_kind_is_compared_with_what_was_computed_from_it(shop: Here) -> None:
    """What the code before has folded can't all be read by the code at hand."""
    text = TEA.replace("what = last(Sold.what)", "what = count(Sold)\n    others = what - 1")
    text = text.replace("    sales = count(Sold)", "    sales = keyed(Price)")
    price = "class Price(State, key=Sold.what):\n    cents = last(Sold.cents)\n\n\nclass Sale("
    text = text.replace("class Sale(", price, 1).replace("count, last", "State, count, keyed, last")
    other = later(shop, text)
    said = other("rebuild", "check", "sale", "--sample", "100%", "--json")
    assert (said.code, said.data[0]["different"]) == (1, 2)
    other.after("rebuild", "start", "sale")
    said = other("rebuild", "diff", "sale", "--json")
    assert (said.code, said.data["different"]) == (1, 2)
    columns = said.data["examples"][0]["columns"]
    assert columns["what"] == {"before": "cake", "after": 2}
    assert columns["others"] == {"before": None, "after": 1}
    assert columns["sales"]["before"] == {}
    assert other("rebuild", "promote", "sale").code == 0


def test_whose_row_it_is_is_told_where_there_are_others(shop: Here) -> None:
    other = later(shop)
    other.after("rebuild", "start", "sale")
    with opened(shop.folder) as ports:
        ports.folder.views.write(lambda db: db.execute("UPDATE heads SET tenant = 'acme'"))
    assert "\n  acme:shop/a (version 2) what: " in other("rebuild", "diff", "sale").out
    (example,) = other("rebuild", "diff", "sale", "--json").data["examples"]
    assert (example["tenant"], example["id"]) == ("acme", "a")


def test_the_page_shows_facts_behind_a_row_the_first_and_the_last_of_many(tmp_path: Path) -> None:
    here = Here(tmp_path / "data", domains(tmp_path, shop=SHOP))
    facts = tmp_path / "sold.ndjson"
    lines = ({"id": "a", "type": "Sold", "data": {"what": f"tea {n}"}} for n in range(30))
    facts.write_text("".join(f"{json.dumps(one)}\n" for one in lines), "utf-8")
    here.after("ingest", "shop", str(facts))
    here.after("show", "sale/a")
    other = later(here, SHOP.replace("last(", "first(").replace("count, last", "count, first"))
    other.after("rebuild", "start", "sale")
    page = tmp_path / "diff.html"
    assert other("rebuild", "diff", "sale", "--html", page).code == 1
    text = page.read_text("utf-8")
    assert all(f"tea {n}&quot;" in text for n in (0, 11, 18, 29))
    assert "tea 12&quot;" not in text
    assert "…  6 events between them" in text


def test_rows_that_differ_in_what_did_not_change_are_not_promoted(shop: Here) -> None:
    shop.after("rebuild", "start", "sale")
    with opened(shop.folder) as ports:
        ports.folder.views.write(
            lambda db: db.execute(
                "UPDATE heads SET cells = json_set(cells, '$.sales', 7) WHERE generation = 1"
            )
        )
    said = shop("rebuild", "promote", "sale")
    assert said.code == 1
    assert "rows differ beyond what changed; --yes promotes it all the same" in said.err
    assert "sales: 7 → 1" in said.err
    assert shop("rebuild", "promote", "sale", "--yes").code == 0


def test_code_that_changes_rows_nobody_expects_to_change_does_not_pass(shop: Here) -> None:
    assert shop("rebuild", "check", "--sample", "100%").code == 0
    other = later(shop)
    said = other("rebuild", "check", "sale", "--sample", "100%")
    assert said.code == 1
    assert said.out == (
        "shop.Sale: 2 aggregates, 1 row alike\n  what changes in 1 row\n"
        "    a (version 2) what: 'cake' → 'tea'\n"
    )
    assert other("rebuild", "check", "sale", "--sample", "100%", "--expect", "what").code == 0
    assert other("rebuild", "list", "sale", "--json").data["generations"][0]["stage"] == "current"


def test_two_at_once_one_is_told(shop: Here) -> None:
    with opened(shop.folder) as ports:
        (sink,) = sinks_of(discover(shop.domains))
        with Rebuilding(ports, sink).alone():
            said = shop("rebuild", "start", "sale")
    assert said.code == 3
    assert "shop.Sale: process " in said.err
