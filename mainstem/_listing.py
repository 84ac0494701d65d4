"""Lists: which entries a row has in an index, and in which order entries stand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

from mainstem._compute import reader
from mainstem._machine import Row
from mainstem._mark import Index


def entries(index: Index, row: Row) -> list[tuple[Any, ...]]:
    """The values under which a row is listed; a set or keyed rows: an entry for each member."""
    if index.where is not None and not reader(index.where)(row):
        return []
    if index.order is not None and row[index.order] is None:
        return []
    return list(product(*(_members(row[name]) for name in index.by)))


def _members(value: Any) -> Iterable[Any]:
    return sorted(value) if isinstance(value, (list, dict)) else [value]


def place(index: Index, row: Row) -> tuple[Any, ...]:
    """What rows of one list are sorted by. Ties stand in the order of ids and keys."""
    order = () if index.order is None else (row[index.order],)
    return (*order, row["id"], row.get("key", ""))
