"""Histories in memory: events stamped one after the other, and the rows they leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from mainstem._event import Event, Happened, record_of
from mainstem._machine import Cells
from mainstem._state import State

S = TypeVar("S", bound=State)


def stamped(
    events: Iterable[Event], *, at: datetime, by: str, after: int = 0
) -> tuple[Happened, ...]:
    """These events as one aggregate's, numbered on from `after`."""
    return tuple(Happened(event, at, by, n) for n, event in enumerate(events, after + 1))


def rows_after(view: type[S], history: Iterable[Happened], id: str = "") -> Mapping[str, S]:
    """The rows of a view with a key, by key."""
    rows: dict[str, Cells] = {}
    for happened in history:
        view.__machine__.apply_keyed(rows, happened.event.__shape__.type, record_of(happened))
    return {key: view(id=id, key=key, cells=rows[key]) for key in sorted(rows)}
