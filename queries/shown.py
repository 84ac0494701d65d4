"""Shown: a row as people read it. Moments are RFC 3339 in UTC; private columns stay behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from mainstem._column import BUILT_IN
from mainstem._kind import EPOCH, Kind, Sort
from mainstem._state import State
from mainstem.envelope import Envelope
from queries.reader import Seen

Show = Callable[[Any], Any]


def moment(micros: int | None) -> str | None:
    """Always with six digits after the point, so that texts compare as moments do."""
    if micros is None:
        return None
    at = EPOCH + timedelta(microseconds=micros)
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def shown(seen: Seen) -> dict[str, Any]:
    """A row: its id, its key where there is one, its aggregate's version, and its columns."""
    state: Any = type(seen.row)
    found: dict[str, Any] = _columns(state)(seen.row.shown())
    found["version"] = seen.version
    return found


def told(event: Envelope) -> dict[str, Any]:
    """An event of a history: its data as it was stored, with moments in microseconds."""
    return {
        "id": event.id, "version": event.version, "type": event.type, "schema": event.schema,
        "at": moment(event.at), "by": event.by, "data": event.data, "command": event.command,
        "cause": event.cause, "correlation": event.correlation,
    }  # fmt: skip


@cache
def _columns(state: type[State]) -> Show:
    """What makes a row of this state readable, worked out once."""
    shows = {name: show for name, kind in kinds(state).items() if (show := _show(kind)) is not None}

    def columns(row: dict[str, Any]) -> dict[str, Any]:
        for name, show in shows.items():
            row[name] = show(row[name])
        return row

    return columns


def kinds(state: type[State]) -> Mapping[str, Kind]:
    """The columns that are shown, with their kinds."""
    own = {n: column.kind for n, column in state.__columns__.items() if not column.private}
    return {**own, "changed_at": BUILT_IN["changed_at"].kind}


def _show(kind: Kind) -> Show | None:
    if kind.sort is Sort.MOMENT:
        return moment
    if kind.sort is Sort.ROWS:
        inner: Show = _columns(kind.row)
        return lambda rows: {key: inner(row) for key, row in rows.items()}
    if kind.item is not None and kind.item.sort is Sort.MOMENT:
        return lambda many: None if many is None else [moment(one) for one in many]
    return None
