"""Parts have all there is, each once. In one, rows and ends are laid side by side, none alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domains import tickets
from mainstem.aggregate import Aggregate
from mainstem.discovery import domain_of
from mainstem.ports import Corrupt
from mainstem.protocol.folded import Folded
from mainstem.protocol.rebuild import Part
from replay.parts import Rows, Whose, beside, within
from replay.pinned import Pinned

NAMES = st.sampled_from(["a", "b", "B", "é", "main", "o'k", "\uffff", "zz"])

ENDS = """SELECT 'main' AS tenant, id, 1 AS high, 1 AS many, '7' AS sequence, 0 AS "index",
    true AS whole FROM (VALUES {}) AS given (id) ORDER BY id"""


def laid(ends: str, rows: Sequence[str]) -> Iterator[tuple[str, object]]:
    """Whose end there is, and the rows beside it, as far as it goes."""
    every: list[tuple[Whose, Rows | str]] = [(("main", id), {"": {}}) for id in rows]
    text = ENDS.format(", ".join(f"('{id}')" for id in ends))
    with duckdb.connect() as duck:
        for one in beside(duck, domain_of(tickets), text, iter(every)):
            assert isinstance(one, Folded)
            assert one.applied == (7, 0)
            yield one.aggregate.id, one.rows


def test_an_aggregate_may_have_an_end_and_no_rows() -> None:
    assert [*laid("abc", "ac")] == [("a", {"": {}}), ("b", {}), ("c", {"": {}})]


@pytest.mark.parametrize(("ends", "whose"), [("ac", "b"), ("bc", "a"), ("ab", "c")])
def test_rows_without_an_end_are_told_before_others_lose_theirs(ends: str, whose: str) -> None:
    told = []
    with pytest.raises(Corrupt, match=f"^tickets/{whose}: has rows, and no end$"):
        for one in laid(ends, "abc"):
            told.append(one)  # noqa: PERF402  what came before it raised
    assert told == [(id, {"": {}}) for id in ends if id < whose]


@settings(max_examples=20)
@example({("main", str(n)): 1 for n in range(10)}, 5)  # no more of them than are needed
@example({("main", str(n)): 1 for n in range(11)}, 10)  # nor one that is left over
@given(st.dictionaries(st.tuples(NAMES, NAMES), st.integers(1, 9), min_size=1), st.integers(1, 20))
def test_parts_have_every_aggregate_once_and_name_a_tenant_whose_all_are(
    many: dict[Whose, int], events: int
) -> None:
    with duckdb.connect() as duck:
        duck.register("heads", heads(many))
        parts = parted(many, events)
        had = [
            duck.sql(f"SELECT tenant, id FROM heads WHERE {within(p)}").fetchall() for p in parts
        ]
    assert sorted(whose for some in had for whose in some) == sorted(many)
    assert [part.events for part in parts] == [sum(map(many.get, some)) for some in had]  # type: ignore[arg-type]
    assert [part.aggregates for part in parts] == [len(some) for some in had]
    total, most = sum(many.values()), max(many.values())
    wanted = ceil(total / events)
    assert len(parts) <= wanted
    assert all(part.events < ceil(total / wanted) + most for part in parts)
    held = [[one for one in many if p.holds(Aggregate(one[0], "x", one[1]))] for p in parts]
    assert [sorted(some) for some in held] == [sorted(some) for some in had]
    for part, some in zip(parts, had, strict=True):
        tenants = {tenant for tenant, _ in some}
        assert part.tenant == (tenants.pop() if len(tenants) == 1 else None)


def test_of_nothing_there_are_no_parts(tmp_path: Path) -> None:
    assert Pinned(tmp_path, domain_of(tickets), (), ()).parts(5) == []


def heads(many: dict[Whose, int]) -> pa.Table:
    rows = [
        {"tenant": t, "id": i, "count": n, "version": n, "place": None, "first_day": None,
         "last_day": None}
        for (t, i), n in many.items()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def parted(many: dict[Whose, int], events: int) -> list[Part]:
    with TemporaryDirectory() as place:
        path = Path(place) / "heads.parquet"
        pq.write_table(heads(many), path)
        return Pinned(Path(place), domain_of(tickets), (), (path,)).parts(events)
