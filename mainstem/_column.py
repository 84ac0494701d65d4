"""Columns: what a state is made of, and the attribute by which each is named and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mainstem._expr import Expr
from mainstem._kind import MOMENT, TEXT, WHOLE, Kind
from mainstem._spec import Spec
from mainstem._term import ColumnTerm


@dataclass(frozen=True)
class Column:
    """A fold over events, or an expression over the columns before it."""

    name: str
    kind: Kind
    fold: Spec | None = None
    expr: Expr | None = None
    owner: Any = None

    @property
    def private(self) -> bool:
        """Kept to compute with, never shown."""
        return self.name.startswith("_")


BUILT_IN = {
    "id": Column("id", TEXT),
    "key": Column("key", TEXT),
    "version": Column("version", WHOLE),
    "changed_at": Column("changed_at", MOMENT.maybe()),
}


class Attribute:
    """`Ticket.title` names the column; `ticket.title` is its value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, state: Any, owner: type) -> Any:
        if state is None:
            return ColumnTerm(owner, self.name)
        return state._value(self.name)

    def __set__(self, state: Any, value: object) -> None:
        raise AttributeError(f"{type(state).__name__}.{self.name} is what its history says")
