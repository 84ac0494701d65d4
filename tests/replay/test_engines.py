"""What SQL can't fold is found one by one, wherever in a part it is; the others are told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from archive.columns import schema_of
from domains import tickets
from mainstem.discovery import domain_of
from mainstem.protocol.folded import Dirty
from mainstem.protocol.rebuild import Part
from replay import engines
from replay.engines import Engine
from replay.pinned import Pinned

DOMAIN = domain_of(tickets)
AGGREGATES = 6_000
ALL = Part(("main", ""), ("main", "~"), AGGREGATES, AGGREGATES)


def commented(id: str, version: int, mood: int) -> dict[str, Any]:
    return {
        "tenant": "main", "id": id, "version": version, "type": "Commented", "at": version,
        "by": "ann", "author": "ann", "text": "well", "mood": mood,
    }  # fmt: skip


def comments(angry: int) -> Iterator[dict[str, Any]]:
    """One of them has more than fits."""
    for n in range(AGGREGATES):
        yield commented(f"t{n:05}", 1, 1)
    for version in (2, 3):
        yield commented(f"t{angry:05}", version, 2**62)


@pytest.mark.parametrize("angry", [0, 1_000, 5_999])
def test_one_that_is_beyond_sql_is_told_and_each_of_the_others_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, angry: int
) -> None:
    monkeypatch.setattr(engines, "ROWS_A_BATCH", 500)
    file = tmp_path / "events.parquet"
    pq.write_table(pa.Table.from_pylist(list(comments(angry)), schema=schema_of(DOMAIN)), file)
    with duckdb.connect() as duck:
        engine = Engine(duck, Pinned(tmp_path, DOMAIN, (file,), ()), tickets.Ticket)
        found = list(engine.fold(ALL))
    assert Counter(one.aggregate.id for one in found).most_common(1)[0][1] == 1
    assert len(found) == AGGREGATES
    (dirty,) = (one for one in found if isinstance(one, Dirty))
    assert (dirty.aggregate.id, dirty.whole) == (f"t{angry:05}", True)
    assert "leaves 64 bits" in dirty.why
