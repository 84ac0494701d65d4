"""What SQL can't fold is found one by one, wherever in a part it is; the others are told once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archive.columns import schema_of
from domains import channels, tickets
from mainstem._refusal import Unfit
from mainstem._state import State
from mainstem.discovery import Domain, domain_of
from mainstem.protocol.folded import Dirty, Folded
from mainstem.protocol.rebuild import Part
from replay import engines
from replay.engines import DUCKDB, SPARK, Engine, engine_of
from replay.parts import Whose
from replay.pinned import Pinned
from tests.protocol.editions import EVENTS, edition

DOMAIN = domain_of(tickets)
AGGREGATES = 6_000
MANY = {("b", "1"): 2, ("a", "2"): 3, ("b", "2"): 4, ("a", "1"): 1}  # whose are how many
BOTH = Part(("a", ""), ("b", "~"), 10, 4)
ALL = Part(("a", ""), ("b", "~"), AGGREGATES, AGGREGATES)
LINES = """
def longer(so_far, sold):
    return so_far + 7 // sold.event.cents


class Line(View, key=Sold.what):
    seen = fold(0, {Sold: longer})
"""


def commented(id: str, version: int, mood: int, tenant: str = "a") -> dict[str, Any]:
    return {
        "tenant": tenant, "id": id, "version": version, "type": "Commented", "at": version,
        "by": "ann", "author": "ann", "text": "well", "mood": mood,
    }  # fmt: skip


def nth(n: int) -> tuple[str, str]:
    """Two tenants name theirs alike."""
    return f"t{n // 2:05}", "ab"[n % 2]


def comments(*angry: int) -> Iterator[dict[str, Any]]:
    """These of them have more than fits."""
    for n in range(AGGREGATES):
        id, tenant = nth(n)
        yield commented(id, 1, 1, tenant)
    for id, tenant in map(nth, angry):
        for version in (2, 3):
            yield commented(id, version, 2**62, tenant)


@contextmanager
def one_thread() -> Iterator[duckdb.DuckDBPyConnection]:
    """So that what is last comes last, once others were told."""
    with duckdb.connect() as duck:
        duck.execute("SET threads = 1")
        duck.execute("SET streaming_buffer_size = '10KB'")
        yield duck


def kept(place: Path, rows: list[dict[str, Any]], domain: Domain = DOMAIN) -> Pinned:
    file = place / "events.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema_of(domain)), file)
    return Pinned(place, domain, (file,), ())


def said(tenant: str, id: str, version: int) -> dict[str, Any]:
    """To a channel, or on a ticket."""
    return commented(id, version, 1, tenant) | {"message": "only", "place": version}


@pytest.mark.parametrize("angry", [0, 1_000, 5_999])
def test_one_that_is_beyond_sql_is_told_and_each_of_the_others_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, angry: int
) -> None:
    monkeypatch.setattr(engines, "ROWS_A_BATCH", 500)
    with duckdb.connect() as duck:
        engine = Engine(duck, kept(tmp_path, list(comments(angry))), tickets.Ticket)
        found = list(engine.fold(ALL))
    assert len({one.aggregate for one in found}) == len(found) == AGGREGATES
    (dirty,) = (one for one in found if isinstance(one, Dirty))
    assert ((dirty.aggregate.id, dirty.aggregate.tenant), dirty.whole) == (nth(angry), True)
    assert "leaves 64 bits" in dirty.why


def test_in_each_part_others_were_told_before_one_that_is_beyond_sql(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "ROWS_A_BATCH", 500)
    angry = AGGREGATES - 2, AGGREGATES - 1
    with one_thread() as duck:
        engine = Engine(duck, kept(tmp_path, list(comments(*angry))), tickets.Ticket)
        for tenant in "ab":
            found = list(engine.fold(Part((tenant, ""), (tenant, "~"), 0, 0)))
            assert duck.table("done").count("*").fetchall() > [(0,)]
            assert {one.aggregate.tenant for one in found} == {tenant}
            assert len({one.aggregate for one in found}) == len(found) == AGGREGATES // 2


def test_rows_that_code_folds_are_told_by_their_keys_and_what_it_fails_at_alone(
    tmp_path: Path,
) -> None:
    source = EVENTS.replace("first, index", "first, fold, index")
    shop = edition(tmp_path, more=LINES, source=source)["shop"]
    with pytest.raises(Unfit, match="so Python folds it, and Spark can't"):
        engine_of(shop.views["Line"], asked=SPARK)
    sold = [("1", 1, "hat", 1), ("1", 2, "cap", 7), ("2", 1, "hat", 0), ("3", 1, "tie", 1)]
    rows = [
        commented(id, version, 0) | {"type": "Sold", "what": what, "cents": cents}
        for id, version, what, cents in sold
    ]
    with duckdb.connect() as duck:
        found = list(Engine(duck, kept(tmp_path, rows, shop), shop.views["Line"]).fold(ALL))
    first, dirty, last = found
    assert isinstance(first, Folded)
    assert isinstance(last, Folded)
    assert (sorted(first.rows), sorted(last.rows)) == (["cap", "hat"], ["tie"])
    assert isinstance(dirty, Dirty)
    assert (dirty.aggregate.id, dirty.version, dirty.whole) == ("2", 1, True)
    assert dirty.why.startswith("can't be folded: seen: the step for Sold failed")


def test_a_product_that_is_beyond_sql_is_told_as_a_sum_is(tmp_path: Path) -> None:
    shop = edition(tmp_path, "cents = total(Sold.cents * Sold.cents)")["shop"]
    rows = [
        commented(id, 1, 0) | {"type": "Sold", "what": "hat", "cents": cents}
        for id, cents in (("a", 7), ("b", 2**53 - 1))
    ]
    with duckdb.connect() as duck:
        found = list(Engine(duck, kept(tmp_path, rows, shop), shop.views["Sale"]).fold(ALL))
    assert {one.aggregate.id: type(one) for one in found} == {"a": Folded, "b": Dirty}


@pytest.mark.parametrize(
    ("view", "type", "key", "column"),
    [(tickets.Ticket, "Commented", "", "comments"), (channels.Message, "Edited", "only", "edited")],
)
@pytest.mark.parametrize("alone", [None, [("b", "1"), ("a", "2")], []])
def test_what_two_tenants_name_alike_is_not_mixed(
    tmp_path: Path, view: type[State], type: str, key: str, column: str, alone: list[Whose] | None
) -> None:
    domain = domain_of(sys.modules[view.__module__])
    rows = [
        said(*whose, version) | {"type": type}
        for whose, many in MANY.items() for version in range(1, many + 1)
    ]  # fmt: skip
    with duckdb.connect() as duck:
        found = list(Engine(duck, kept(tmp_path, rows, domain), view).fold(BOTH, alone))
    expected = MANY if alone is None else {whose: MANY[whose] for whose in alone}
    assert len(found) == len(expected)
    for one in found:
        assert isinstance(one, Folded)
        many = expected[one.aggregate.tenant, one.aggregate.id]
        assert (one.version, one.applied, list(one.rows)) == (many, (0, 0), [key])
        assert int(one.rows[key][column]) == (many if key == "" else 1)
        assert one.rows[key]["version"] == many


@pytest.mark.parametrize("view", [tickets.Ticket, tickets.Watcher])
def test_one_that_is_not_whole_is_told_and_not_folded(tmp_path: Path, view: type[State]) -> None:
    rows = [commented(id, version, 1) for id, version in (("t1", 1), ("t1", 3), ("t2", 1))]
    with duckdb.connect() as duck:
        found = list(Engine(duck, kept(tmp_path, rows), view).fold(ALL))
    assert sorted(one.aggregate.id for one in found) == ["t1", "t2"]
    (dirty,) = (one for one in found if isinstance(one, Dirty))
    assert (dirty.aggregate.id, dirty.version, dirty.whole) == ("t1", 3, False)
    assert dirty.why == "has 2 events up to version 3: there are holes"


def test_what_is_too_large_for_one_machine_is_for_spark_unless_another_is_asked_for(
    tmp_path: Path,
) -> None:
    most = engines.ONE_MACHINE_BYTES_MAX
    assert most == 100 * 10**9  # as docs/rebuild.md has it
    assert [engine_of(tickets.Ticket, n) for n in (most, most + 1)] == [DUCKDB, SPARK]
    assert engine_of(tickets.Ticket, most + 1, DUCKDB) == DUCKDB
    assert engine_of(tickets.Ticket, 0, SPARK) == SPARK
    pinned = kept(tmp_path, [commented("t1", 1, 1)])
    assert pinned.bytes == pinned.files[0].stat().st_size
