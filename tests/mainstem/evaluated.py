"""A view of a test's own events, folded by every evaluator: they must say the same."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mainstem import Event, State
from mainstem._kind import micros
from mainstem._same import same
from mainstem.discovery import domain_of
from mainstem.envelope import Envelope, decode, encode
from mainstem.folding import rows_of
from mainstem.laws import in_python
from mainstem.sql.duck import hold, run
from tests.agreement.compare import connection

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Row = dict[str, Any]
Said = Event | tuple[str, Event] | tuple[str, Event, datetime]


def rows(view: type[State], histories: Mapping[str, Sequence[Said]]) -> list[Row]:
    """The rows of several aggregates. A history holds events, (who, event) or (who, event, at)."""
    domain = domain_of(sys.modules[view.__module__])
    envelopes = [
        _envelope(id, n, said, domain.name)
        for id, history in histories.items()
        for n, said in enumerate(history, 1)
    ]
    expected = rows_of(view, domain, envelopes)
    for raw in (False, True) if not in_python(view) else ():
        hold(connection(), domain, envelopes, raw=raw)
        got = run(connection(), view, raw=raw)
        assert same(got, expected), f"{got}\nfrom {'JSON' if raw else 'columns'}, not\n{expected}"
    return expected


def row(view: type[State], *history: Said) -> Row:
    """The one row of one aggregate, its own columns only."""
    (found,) = rows(view, {"a": history})
    return {name: value for name, value in found.items() if name in view.__columns__}


def keyed_rows(view: type[State], *history: Said) -> dict[str, Row]:
    """The rows of a view with a key, by key, their own columns only."""
    found = rows(view, {"a": history})
    return {one["key"]: {n: v for n, v in one.items() if n in view.__columns__} for one in found}


def stored(moment: datetime) -> int:
    """A moment as rows hold it."""
    return micros(moment)


def _envelope(id: str, version: int, said: Said, domain: str) -> Envelope:
    by, event, at = "ann", said, NOON + timedelta(minutes=version)
    if isinstance(said, tuple):
        by, event, at = (*said, at)[:3]
    assert isinstance(event, Event)
    shape = event.__shape__
    made = Envelope(
        tenant="main",
        domain=domain,
        id=id,
        version=version,
        type=shape.type,
        schema=shape.schema,
        at=micros(at),
        by=by,
        data=shape.store(event),
    )
    return decode(encode(made))
