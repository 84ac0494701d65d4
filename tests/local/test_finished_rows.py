"""Finished rows: `<view>_rows` is what the view's own statement says of the same events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from archive import sweeping
from archive.asking import Asking, Wrong
from archive.columns import schema_of_rows
from archive.relations import columns_of
from archive.rows import DATA, Finished, finished, place_of
from archive.table import Catalog
from mainstem._same import same
from mainstem._state import State
from mainstem.discovery import Flawed, discover, rows_name, sql_name
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.ports import Corrupt
from mainstem.protocol.folded import Dirty
from replay.pinned import NAME, let_go, pin
from replay.rows import Rows
from tests.agreement.compare import FACTS
from tests.agreement.histories import history, of_domain
from tests.agreement.views import written
from tests.archive.shelves import Archive, sold
from tests.archive.test_asking import visits
from tests.archive.test_compact import ASKS
from tests.cli.desk import domains as folder_of
from tests.protocol.plant import domains

pytestmark = pytest.mark.slow

EXAMPLES = 6  # histories of each domain
EVENTS_A_PART = 25


def made(
    archive: Archive, view: type[State], generation: int = 1, dirty: tuple[Dirty, ...] = (),
    journal: Any = None,
) -> Rows:  # fmt: skip
    """All parts of a rebuild, and the commit."""
    domain = next(iter(archive.domains.values()))
    pinned = pin(archive.path, domain, NAME.format(generation))
    rows = Rows(duckdb.connect(), pinned, view, generation, journal)
    parts = pinned.parts(EVENTS_A_PART)
    for nth, part in enumerate(parts):
        rows.hear(dirty)
        rows.part(nth, part)
    rows.commit(len(parts))
    return rows


def asked(archive: Archive, name: str, view: type[State]) -> list[dict[str, Any]]:
    key = ", key" if view.__keys__ else ""
    question = f'FROM "{name}" ORDER BY tenant, id{key}'
    return Asking(archive.path, archive.domains).table(question).to_pylist()  # type: ignore[no-any-return]


def read(view: type[State], row: Mapping[str, Any]) -> dict[str, Any]:
    """What code has folded, as it was before it was JSON."""
    code = {name for name, one in view.__columns__.items() if one.fold and one.fold.op == "python"}
    return {n: json.loads(v) if n in code and v is not None else v for n, v in row.items()}


def alike(archive: Archive, view: type[State]) -> int:
    """How many rows there are, once they are the same."""
    computed = asked(archive, sql_name(view), view)
    left = [read(view, row) for row in asked(archive, rows_name(view), view)]
    assert same(left, computed)
    assert [[*one] for one in left] == [[*one] for one in computed]  # columns in one order, too
    return len(left)


def table_of(archive: Archive, view: type[State]) -> Finished:
    with closing(Catalog(archive.path)) as catalog:
        found = finished(archive.path, catalog, view)
        assert found is not None
        return found


def kept(archive: Archive, events: list[Envelope]) -> None:
    """As they would have come: each aggregate's in order."""
    ordered = sorted(events, key=lambda one: (one.tenant, one.id, one.version))
    decided = archive.domains[ordered[0].domain].decided
    if decided:
        archive.keep(*archive.commits(*([one] for one in ordered)))
    else:
        archive.keep(*(archive.facts(one) for one in events))
    archive.compact()


@pytest.mark.parametrize("name", sorted(domains()))
def test_rows_are_what_the_view_says(tmp_path: Path, name: str) -> None:
    domain = domains()[name]
    archive = Archive(tmp_path / "archive", {name: domain})
    kept(archive, list(of_domain(domain, EXAMPLES)) if domain.decided else visits(1))
    for n, view in enumerate(domain.views.values()):
        made(archive, view, n)
        assert alike(archive, view) > 0


@pytest.mark.parametrize("first", [0, 20])
def test_rows_of_generated_views_are_what_is_folded(tmp_path: Path, first: int) -> None:
    """Every kind of column and map, over values that nobody chose."""
    archive = Archive(tmp_path / "archive", {FACTS.name: FACTS})
    events = [
        replace(one, tenant=f"{n}-{one.tenant}")
        for n in range(8)
        for one in history(Random(n))
    ]  # fmt: skip
    kept(archive, events)
    for seed in range(first, first + 5):
        text, view = written(Random(seed))
        made(archive, view, seed)
        found = [row for path in table_of(archive, view).files for row in as_folded(path)]
        found.sort(key=lambda row: [row[one] for one in ("tenant", "id", "key") if one in row])
        assert same(found, rows_of(view, FACTS, events)), text


def as_folded(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist(maps_as_pydicts="strict")  # type: ignore[no-any-return]


@pytest.fixture
def shop(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=ASKS)))


def sale(archive: Archive) -> type[State]:
    return archive.domains["shop"].states["Sale"]


def stock(archive: Archive, ids: str = "ab") -> None:
    archive.keep(*archive.commits(*([sold(id, 1, n)] for n, id in enumerate(ids))))
    archive.compact()


def test_of_no_events_there_are_no_rows(shop: Archive) -> None:
    made(shop, sale(shop))
    assert alike(shop, sale(shop)) == 0
    assert table_of(shop, sale(shop)).folded.events == ""
    stock(shop)
    made(shop, sale(shop), 2)
    assert alike(shop, sale(shop)) == 2


def test_before_the_first_rebuild_there_is_no_table(shop: Archive) -> None:
    stock(shop)
    with pytest.raises(Wrong, match="sale_rows does not exist"):
        asked(shop, "sale_rows", sale(shop))
    assert "sale_rows" not in [one.name for one in Asking(shop.path, shop.domains).relations()]


def test_what_is_rebuilt_takes_the_place_of_what_was(
    shop: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(shop)
    made(shop, sale(shop), 1)
    first = table_of(shop, sale(shop))
    shop.keep(*shop.commits([sold("a", 2, 7)]))
    shop.compact()
    assert [row["sales"] for row in asked(shop, "sale_rows", sale(shop))] == [1, 1]
    made(shop, sale(shop), 2)
    assert alike(shop, sale(shop)) == 2
    second = table_of(shop, sale(shop))
    assert (first.folded.generation, second.folded.generation) == (1, 2)
    assert first.folded.events != second.folded.events
    assert set(first.files).isdisjoint(second.files)
    monkeypatch.setattr(sweeping, "ORPHAN_AGE_S", -1)
    swept(shop)
    assert all(path.is_file() for path in first.files)  # whoever is just reading them goes on


def test_the_same_rows_are_the_same_files(shop: Archive) -> None:
    stock(shop)
    made(shop, sale(shop), 1)
    first = table_of(shop, sale(shop))
    made(shop, sale(shop), 2)
    assert alike(shop, sale(shop)) == 2
    assert table_of(shop, sale(shop)).files == first.files
    assert len(list((place_of(shop.path, sale(shop)) / DATA).iterdir())) == len(first.files)


def test_a_commit_that_is_asked_for_again_is_the_same(shop: Archive) -> None:
    stock(shop)
    rows = made(shop, sale(shop))
    with closing(Catalog(shop.path)) as catalog:
        before = snapshots(catalog)
    rows.commit(1)
    with closing(Catalog(shop.path)) as catalog:
        assert snapshots(catalog) == before


def snapshots(catalog: Catalog) -> list[int]:
    table = catalog.named("sale_rows")
    assert table is not None
    return [one.snapshot_id for one in table.snapshots()]


def test_a_part_that_is_gone_is_missed(shop: Archive) -> None:
    stock(shop)
    made(shop, sale(shop))
    (path,) = table_of(shop, sale(shop)).files
    path.unlink()
    pinned = pin(shop.path, shop.domains["shop"], NAME.format(1))
    rows = Rows(duckdb.connect(), pinned, sale(shop), 1, None)  # type: ignore[arg-type]
    with pytest.raises(Corrupt, match=f"{path.name} is gone; drop this rebuild"):
        rows.commit(1)
    (found,) = shop.verify("shop").findings
    assert found == (str(path), "is gone, and the table needs it")


def test_a_part_that_was_never_made_is_missed(shop: Archive) -> None:
    stock(shop)
    pinned = pin(shop.path, shop.domains["shop"], NAME.format(1))
    with pytest.raises(Corrupt, match=r"1-0.json: .*No such file.*; drop this rebuild"):
        Rows(duckdb.connect(), pinned, sale(shop), 1, None).commit(1)  # type: ignore[arg-type]


OTHER = """

class Other(View):
    sales = last(Sold.what, default="")
    cheapest = lowest(Sold.cents)
    first_of = first(Sold.what)
"""


def test_columns_that_change_change_in_one_step(tmp_path: Path) -> None:
    """One is of another type, one is gone, one is new, and they stand in another order."""
    before, after = ASKS, ASKS.replace("class Sale(View)", "class Before(State)")
    after = after.replace("[Sale]", "[Before]").replace("sale: Sale", "sale: Before")
    after += OTHER.replace("Other", "Sale")
    for name in ("State", "first", "lowest"):
        after = after.replace("from mainstem import ", f"from mainstem import {name}, ", 1)
    archive = Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=before)))
    stock(archive)
    made(archive, sale(archive), 1)
    old = table_of(archive, sale(archive))
    archive.domains = discover(folder_of(tmp_path, shop=after))
    says = {one.name: one.says for one in Asking(archive.path, archive.domains).relations()}
    assert says["sale_rows"].endswith("others than now")
    assert [*asked(archive, "sale_rows", sale(archive))[0]] == old.schema.names
    made(archive, sale(archive), 2)
    assert alike(archive, sale(archive)) == 2
    new = table_of(archive, sale(archive))
    assert new.schema.names[4:] == ["sales", "cheapest", "first_of"]
    assert new.folded.fingerprint != old.folded.fingerprint
    assert all(path.is_file() for path in old.files)  # whoever is just reading them goes on


def test_it_says_what_it_is(shop: Archive) -> None:
    stock(shop)
    made(shop, sale(shop))
    said = Asking(shop.path, shop.domains).table("SELECT * FROM duckdb_columns()").to_pylist()
    told = {one["column_name"]: one["comment"] for one in said if one["table_name"] == "sale_rows"}
    assert told["what"] == "last of Sold.what"
    assert told["version"] == "how many events its aggregate had"
    (one,) = (one for one in Asking(shop.path, shop.domains).relations() if one.rows)
    assert re.fullmatch(r"sale as of 20\S+ \S+ UTC, of the last rebuild, by folds .*", one.says)
    assert one.says.endswith("those of the code at hand")
    assert [*columns_of(one)] == schema_of_rows(sale(shop)).names


FRAGILE = """

def counted(n: int, happened: object) -> int:
    if happened.event.cents == 13:
        raise ValueError("thirteen")
    return n + 1


class Fragile(View):
    lucky = fold(0, {Sold: counted})
"""


def test_what_can_not_be_folded_stands_as_it_was_before(tmp_path: Path) -> None:
    text = ASKS.replace("from mainstem import ", "from mainstem import fold, ", 1) + FRAGILE
    archive = Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=text)))
    view = archive.domains["shop"].states["Fragile"]
    archive.keep(*archive.commits([sold("a", 1, 5)], [sold("b", 1, 5)], [sold("c", 1, 13)]))
    archive.keep(*archive.commits([sold("b", 2, 13)], [sold("b", 3, 5)]))
    archive.compact()
    made(archive, view)
    found = asked(archive, "fragile_rows", view)
    assert [(one["id"], one["version"], one["lucky"]) for one in found] == [
        ("a", 1, "1"), ("b", 1, "1"),
    ]  # fmt: skip
    assert table_of(archive, view).short == 2


STEEP = """

class Steep(View):
    cents = total(Sold.cents)
    squared = cents * cents
"""


def test_what_can_not_be_finished_is_left_out_and_counted(tmp_path: Path) -> None:
    text = ASKS.replace("from mainstem import ", "from mainstem import total, ", 1) + STEEP
    archive = Archive(tmp_path / "archive", discover(folder_of(tmp_path, shop=text)))
    view = archive.domains["shop"].states["Steep"]
    archive.keep(*archive.commits([sold("a", 1, 5)], [sold("b", 1, 2**40)]))
    archive.compact()
    made(archive, view)
    found = asked(archive, "steep_rows", view)
    assert [(one["id"], one["squared"]) for one in found] == [("a", 25)]
    assert table_of(archive, view).short == 1


def test_old_rows_are_swept_away_and_what_is_read_stays(
    shop: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ORPHAN_AGE_S", -1)
    first: tuple[Path, ...] = ()
    for n in range(1, 6):
        shop.keep(*shop.commits([sold("a", n, n)]))
        shop.compact()
        made(shop, sale(shop), n)
        first = first or table_of(shop, sale(shop)).files
        let_go(shop.path, shop.domains["shop"], sale(shop), n)
    assert [path.is_file() for path in first] == [True]
    swept(shop)
    assert [path.is_file() for path in first] == [False]
    assert alike(shop, sale(shop)) == 1
    assert shop.verify("shop").findings == ()


def test_what_is_in_the_making_stays_as_long_as_its_events_do(
    shop: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ORPHAN_AGE_S", -1)
    stock(shop)
    pinned = pin(shop.path, shop.domains["shop"], NAME.format(7))
    (part,) = pinned.parts(EVENTS_A_PART)
    Rows(duckdb.connect(), pinned, sale(shop), 7, None).part(0, part)  # type: ignore[arg-type]
    swept(shop)
    assert len(files(shop)) == 2  # the rows, and the note
    pin(shop.path, shop.domains["shop"], NAME.format(8))  # 7 was given up
    swept(shop)
    assert files(shop) == []


def files(archive: Archive) -> list[Path]:
    return [one for one in place_of(archive.path, sale(archive)).rglob("*") if one.is_file()]


def swept(archive: Archive) -> None:
    with closing(Catalog(archive.path)) as catalog:
        sweeping.swept(archive.path, catalog, archive.domains["shop"])


def test_a_view_may_not_be_called_as_the_rows_of_another(tmp_path: Path) -> None:
    text = ASKS + "\n\nclass SaleRows(View):\n    sales = count(Sold)\n"
    with pytest.raises(Flawed, match=r"shop.SaleRows and the rows of shop.Sale are both called"):
        discover(folder_of(tmp_path, shop=text))
