"""Asking in SQL: what happened, once, and every view of it; to read, and nothing else."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest

from archive import asking as questions
from archive.asking import Asking, Wrong
from archive.asof import AsOf
from mainstem.discovery import discover
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.ports import Corrupt, Unavailable
from tests.archive.shelves import DAY_US, NOON_US, Archive, sold
from tests.archive.test_compact import ASKS
from tests.archive.test_facts import look
from tests.cli.desk import domains
from tests.protocol.plant import domains as real

HOUR = "2026-06-01T12:00:00"


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", discover(domains(tmp_path, shop=ASKS)))


@pytest.fixture
def clicks(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", {"clicks": real()["clicks"]})


def ask(archive: Archive, question: str, *parameters: Any) -> list[tuple[Any, ...]]:
    table = Asking(archive.path, archive.domains).table(question, parameters)
    return [tuple(row.values()) for row in table.to_pylist()]


def test_of_an_archive_that_holds_nothing_there_is_nothing(shop: Archive) -> None:
    assert ask(shop, "FROM shop_events") == []
    assert ask(shop, "FROM sale") == []
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    shop.compact()
    assert ask(shop, "SELECT id, sales FROM sale") == [("a", 1)]


def test_nothing_is_missing_and_nothing_double_between_the_table_and_what_came_since(
    shop: Archive,
) -> None:
    first = shop.commits([sold("a", 1, 5)], [sold("b", 1, 6)])
    shop.keep(*first)
    shop.compact()
    shop.keep(shop.again(first[0]), *shop.commits([sold("a", 2, 7)]))
    found = 'SELECT id, "version", cents FROM shop_events ORDER BY ALL'
    assert ask(shop, found) == [("a", 1, 5), ("a", 2, 7), ("b", 1, 6)]
    assert ask(shop, "SELECT id, sales, what FROM sale ORDER BY id") == [
        ("a", 2, "tea 7"), ("b", 1, "tea 6"),
    ]  # fmt: skip
    shop.compact()
    assert ask(shop, found) == [("a", 1, 5), ("a", 2, 7), ("b", 1, 6)]


@pytest.mark.slow
def test_facts_that_came_late_are_numbered_before_they_are_compacted(clicks: Archive) -> None:
    late = clicks.facts(look("eve", "/1"), producer="q")
    clicks.keep(clicks.facts(look("eve", "/2")), clicks.facts(look("ann", "/1")))
    clicks.compact()
    clicks.keep(late, clicks.facts(look("ann", "/2")), clicks.facts(look("eve", "/3")))
    found = 'SELECT id, "version", page FROM clicks_events ORDER BY ALL'
    wanted = [
        ("ann", 1, "/1"), ("ann", 2, "/2"), ("eve", 1, "/1"), ("eve", 2, "/2"), ("eve", 3, "/3"),
    ]  # fmt: skip
    assert ask(clicks, found) == wanted
    clicks.compact()
    assert ask(clicks, found) == wanted


def visits(seed: int) -> list[Envelope]:
    """Looks and purchases of a few visitors, some of them long ago."""
    rng = Random(seed)
    found = []
    for n in range(120):
        type = rng.choice(("Viewed", "Viewed", "Purchased", "Refunded"))
        data: dict[str, Any] = {"product": rng.choice("abc"), "cents": rng.randrange(2_000)}
        data["order"] = f"o{n}"
        if type == "Viewed":
            data = {"page": f"/{rng.randrange(5)}", "ms": rng.randrange(5_000)}
            data["product"] = rng.choice(("a", "b", None))
        at = NOON_US + rng.randrange(-DAY_US, DAY_US)
        found.append(
            Envelope(
                tenant="main", domain="clicks", id=f"v{rng.randrange(4)}", version=1, type=type,
                schema=1, at=at, by="shop", data=data,
            )
        )  # fmt: skip
    return found


def numbered(events: list[Envelope]) -> list[Envelope]:
    versions: dict[str, int] = {}
    found = []
    for one in events:
        versions[one.id] = versions.get(one.id, 0) + 1
        said = {name: getattr(one, name) for name in one.__struct_fields__}
        found.append(Envelope(**{**said, "version": versions[one.id]}))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_every_view_is_what_its_folds_make_of_it(clicks: Archive, seed: int) -> None:
    """Scalars, lists, keyed rows, and a fold that is code; half compacted, half not."""
    events = visits(seed)
    clicks.keep(*(clicks.facts(one) for one in events[:60]))
    clicks.compact()
    clicks.keep(*(clicks.facts(one) for one in events[60:]))
    domain = clicks.domains["clicks"]
    for name, view in (("visitor", "Visitor"), ("product", "Product"), ("sessions", "Sessions")):
        wanted = rows_of(domain.states[view], domain, numbered(events))
        table = Asking(clicks.path, clicks.domains).table(f"FROM {name} ORDER BY ALL")
        found = table.to_pylist()
        key = ("tenant", "id", "key") if view == "Product" else ("tenant", "id")
        found.sort(key=lambda row: [row[one] for one in key])
        assert [plain(row) for row in found] == [plain(row) for row in wanted]


def test_what_goes_wrong_far_into_an_answer_is_told_as_what_goes_wrong_at_once(
    shop: Archive,
) -> None:
    # So many that they are not all looked at before the first is read, however busy the machine.
    late = "SELECT CAST(if(range = 18_000_000, 'tea', '1') AS BIGINT) FROM range(20_000_000)"
    asking, rows = Asking(shop.path, shop.domains), 0
    with (
        pytest.raises(Wrong, match=r"^Conversion Error: Could not convert"),
        asking.reader(late) as reader,
    ):
        for batch in reader:
            rows += batch.num_rows
    assert 0 < rows < 20_000_000


CODE = """
from mainstem import State, fold, keyed, total


class Tea(State, key=Sold.what):
    cents = total(Sold.cents)


def by_name(names: dict[str, int], sold: object) -> dict[str, int]:
    return {**names, sold.event.what: sold.event.cents}


def named(_: str, sold: object) -> str:
    return sold.event.what


def one_or_many(found: object, sold: object) -> object:
    return [found, sold.event.what] if found else sold.event.what


class Shelf(View):
    teas = keyed(Tea)
    names = fold({}, {Sold: by_name})
    found = fold("", {Sold: one_or_many})
    last_of = fold("", {Sold: named})
"""


def test_a_view_that_is_code_has_the_columns_it_declares_and_nobody_elses_keys(
    tmp_path: Path,
) -> None:
    """What code has folded has a type where all its values do; else it is JSON."""
    text = ASKS + CODE
    archive = Archive(tmp_path / "archive", discover(domains(tmp_path, shop=text)))
    archive.keep(*archive.commits([sold("a", 1, 5)], [sold("a", 2, 6)], [sold("b", 1, 7)]))
    question = "SELECT id, map_keys(teas), names, found, last_of FROM shelf ORDER BY id"
    assert ask(archive, question) == [
        ("a", ["tea 5", "tea 6"], '{"tea 5":5,"tea 6":6}', '["tea 5","tea 6"]', "tea 6"),
        ("b", ["tea 7"], '{"tea 7":7}', '"tea 7"', "tea 7"),
    ]


def plain(value: Any) -> Any:
    """Tuples and lists alike."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


@pytest.mark.slow
def test_views_are_told_as_they_were(clicks: Archive) -> None:
    events = numbered(visits(1))
    clicks.keep(*(clicks.facts(one) for one in events))
    domain = clicks.domains["clicks"]
    own = [one for one in events if one.id == "v1"]
    found = "SELECT views, revenue_cents, pages FROM visitor_at_version(?) WHERE id = 'v1'"
    for version in (1, 2, len(own) // 2, len(own), 1_000):
        folding = AsOf(domain, domain.states["Visitor"], version=version).folded(own)
        (row,) = folding.finished(id="v1")
        wanted = (row["views"], row["revenue_cents"], row["pages"])
        assert ask(clicks, found.replace("?", str(version))) == [wanted]
    (count,) = ask(clicks, f"SELECT sum(views) FROM visitor_at('{HOUR}')")
    early = [one for one in events if one.at <= NOON_US and one.type == "Viewed"]
    assert count == (len(early),)
    told = ask(clicks, f"SELECT id, views, revenue_cents FROM visitor_at('{HOUR}') ORDER BY id")
    assert told == sorted(
        (id, row["views"], row["revenue_cents"])
        for id in {one.id for one in early}
        for row in AsOf(domain, domain.states["Visitor"], at=NOON_US)
        .folded(one for one in events if one.id == id)
        .finished(id=id)
    )


def test_why_a_field_is_what_it_is(shop: Archive) -> None:
    domain = shop.domains["shop"]
    events = [sold("a", 1, 5), sold("a", 2, 6), sold("a", 3, 6)]
    as_of = AsOf(domain, domain.states["Sale"])
    what = as_of.why(events, "a", "", "what")
    assert what is not None
    assert (what.event.version, what.before, what.after) == (2, "tea 5", "tea 6")
    sales = AsOf(domain, domain.states["Sale"], version=2).why(events, "a", "", "sales")
    assert sales is not None
    assert (sales.event.version, sales.before, sales.after) == (2, 1, 2)
    assert as_of.why([], "a", "", "sales") is None


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("COPY (SELECT 1) TO '{there}/raw/x.parquet'", "COPY is no question"),
        ("CREATE TABLE t AS SELECT 1", "CREATE is no question"),
        ("DROP VIEW sale", "DROP is no question"),
        ("SET enable_external_access = true", "SET is no question"),
        ("ATTACH '{there}/../journal.db'", "ATTACH is no question"),
        ("INSTALL httpfs", "LOAD is no question"),
        ("CALL pragma_version()", "CALL is no question"),
        ("EXPLAIN ANALYZE COPY (SELECT 1) TO '{there}/positions.json'", "COPY is no question"),
        ("explain (analyze) CREATE TABLE t AS SELECT 1", "CREATE is no question"),
        ("EXPLAIN EXPLAIN DROP VIEW sale", "syntax error|DROP is no question"),
        ("SELECT * FROM read_text('{there}/catalog.db')", "Cannot access file"),
        ("SELECT 1; SELECT 2", "one question at a time, and these are 2"),
        ("", "one question at a time, and these are 0"),
        ("SELEKT", "syntax error"),
        ("SELECT colour FROM sale", '"colour" not found'),
        ("FROM nothing", "nothing does not exist"),
        ("SELECT * FROM read_text('/etc/passwd')", "Cannot access file"),
        ("SELECT * FROM read_csv('{there}/../secret.csv')", "Cannot access file"),
        ("SELECT * FROM glob('/*')", "Cannot access"),
        ("SELECT * FROM 'https://example.org/x.parquet'", "disabled"),
        ("SELECT * FROM here", "here does not exist"),
    ],
)
def test_nothing_is_changed_and_nothing_else_is_read(
    shop: Archive, question: str, why: str
) -> None:
    here = [{"a": 1}]  # a name of Python's
    assert here
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    (shop.path.parent / "secret.csv").write_text("a\n1\n")
    with pytest.raises(Wrong, match=why):
        ask(shop, question.replace("{there}", str(shop.path)))
    assert ask(shop, "SELECT id FROM sale") == [("a",)]


def test_what_takes_too_long_is_ended(shop: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "SECONDS_MAX", 0.2)
    with pytest.raises(Unavailable, match="ask for less"):
        ask(shop, "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")


def test_what_a_column_is_stands_beside_it(shop: Archive) -> None:
    says = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = ?"
    found = dict(ask(shop, says, "sale"))
    assert found["what"] == "last of Sold.what"
    assert found["sales"] == "count of Sold"
    assert dict(ask(shop, says, "shop_events"))["cents"] == "of Sold"
    tables = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary"
    assert {name for (name,) in ask(shop, tables)} == {"shop_events", "sale"}
    (shown,) = ask(shop, "DESCRIBE sale")[:1]
    assert shown[:2] == ("tenant", "VARCHAR")


def test_what_is_explained_is_read_too(shop: Archive) -> None:
    shop.keep(*shop.commits([sold("a", 1, 5)]))
    ((kind, _),) = ask(shop, "EXPLAIN ANALYZE SELECT * FROM shop_events")
    assert kind == "analyzed_plan"


def test_a_view_may_be_called_as_sql_calls_something(tmp_path: Path) -> None:
    text = ASKS.replace("class Sale(View)", "class Order(View)").replace("[Sale]", "[Order]")
    text = text.replace("sale: Sale", "sale: Order")
    archive = Archive(tmp_path / "archive", discover(domains(tmp_path, shop=text)))
    archive.keep(*archive.commits([sold("b", 1, 5)], [sold("a", 1, 5)]))
    assert ask(archive, "SELECT id FROM shop_events ORDER BY id") == [("a",), ("b",)]
    assert ask(archive, 'SELECT id FROM "order" ORDER BY id') == [("a",), ("b",)]
    assert ask(archive, "SELECT sales FROM order_at_version(1) WHERE id = 'a'") == [(1,)]


def test_raw_that_can_not_be_relied_on_is_named_here_too(shop: Archive) -> None:
    raw = shop.keep(*shop.commits([sold("a", 1, 5)]))
    raw.write_bytes(raw.read_bytes()[:-20])
    with pytest.raises(Corrupt, match=f"{raw.name}: is truncated"):
        ask(shop, "FROM sale")
