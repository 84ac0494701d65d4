"""The checker's own folds: from histories to what should be shown, written out by hand.

They know the domains from reading their files, not from importing them. A row begins as a row that
heard nothing, so that a cell which was never written and one that is as it was at first are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.soak.found import Cells, Event

Row = dict[str, Any]
NO_ORDER = b""  # what stands in a list that has no order


@dataclass
class Own:
    """What a sink should hold."""

    name: str
    unheard: Row  # of every row
    versions: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    entries: set[tuple[Any, ...]] = field(default_factory=set)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)

    def completed(self, cells: Cells) -> Row:
        """Cells as they are stored, with what was never heard of."""
        return {**self.unheard, **cells}


def passed(row: Row, event: Event) -> None:
    """What every event does to the row it concerns."""
    row["version"] = event.version
    row["changed_at"] = max(event.at, row.get("changed_at", event.at))


def folded(unheard: Row, history: Sequence[Event], hear: Callable[[Row, Event], None]) -> Row:
    """A row of a view without keys."""
    row = fresh(unheard)
    for event in history:
        hear(row, event)
        passed(row, event)
    return row


def fresh(unheard: Row) -> Row:
    """A row of its own."""
    return {name: copy(value) for name, value in unheard.items()}


def copy(value: Any) -> Any:
    return value.copy() if isinstance(value, (list, dict)) else value


def added(members: list[Any], one: Any) -> list[Any]:
    """A set, kept sorted."""
    return sorted({*members, one})


Histories = Mapping[str, Sequence[Event]]
