"""Rows and ends are laid side by side; where one is missing, nobody is without its rows."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest

from domains import tickets
from mainstem.discovery import domain_of
from mainstem.ports import Corrupt
from replay.parts import Rows, Whose, beside

ENDS = """SELECT 'main' AS tenant, id, 1 AS high, 1 AS many, '7' AS sequence, 0 AS "index",
    true AS whole FROM (VALUES {}) AS given (id) ORDER BY id"""


def laid(ends: str, rows: Sequence[str]) -> list[tuple[str, object]]:
    """Whose end there is, and the rows beside it, as far as it goes."""
    every: list[tuple[Whose, Rows | str]] = [(("main", id), {"": {}}) for id in rows]
    text = ENDS.format(", ".join(f"('{id}')" for id in ends))
    found = list[tuple[str, object]]()
    with duckdb.connect() as duck:
        for one in beside(duck, domain_of(tickets), text, iter(every)):
            found.append((one.aggregate.id, getattr(one, "rows", None)))
    return found


def test_an_aggregate_may_have_an_end_and_no_rows() -> None:
    assert laid("abc", "ac") == [("a", {"": {}}), ("b", {}), ("c", {"": {}})]


@pytest.mark.parametrize(("ends", "whose"), [("ac", "b"), ("bc", "a"), ("ab", "c")])
def test_rows_without_an_end_are_told_before_others_lose_theirs(ends: str, whose: str) -> None:
    with pytest.raises(Corrupt, match=f"^tickets/{whose}: has rows, and no end$"):
        laid(ends, "abc")
