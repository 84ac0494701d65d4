"""From an envelope's bytes to a row that has heard it, against a pydantic model per event."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from benchmarks.history import ORDERS, envelopes
from benchmarks.measure import Result, Target, cpu, figures
from benchmarks.orders import Order
from benchmarks.peers import with_pydantic
from mainstem._machine import Cells
from mainstem.envelope import decode, encode

EVENTS_MAX = 50_000
MICROSECONDS_MAX = 3
MINE = "Mainstem: decoded, checked, folded"

fold = Order.__machine__.apply


def run(events: int, runs: int) -> Result:
    history = envelopes(min(events, EVENTS_MAX))
    lines = [encode(one) for one in history]
    read = [ORDERS.record(one) for one in history]
    found = cpu(
        {
            MINE: lambda: _folded(lines),
            "  of which decoding": lambda: _each(decode(line) for line in lines),
            "  of which reading fields": lambda: _each(ORDERS.record(one) for one in history),
            "  of which the fold": lambda: _each(fold({}, type, record) for type, record in read),
            "pydantic: a model per event, reducers": lambda: with_pydantic.rows_of_bytes(lines),
        },
        len(lines),
        runs,
    )
    size = sum(map(len, lines)) // len(lines)
    return Result(
        name="decoding",
        title=f"an envelope of {size} bytes into a row ({len(lines):,} events)",
        unit="CPU µs per event",
        figures=figures(found),
        targets=(Target("µs per event", found[MINE], MICROSECONDS_MAX),),
    )


def _each(done: Iterable[object]) -> None:
    deque(done, maxlen=0)


def _folded(lines: Sequence[bytes]) -> dict[str, Cells]:
    rows: dict[str, Cells] = {}
    for line in lines:
        envelope = decode(line)
        type, record = ORDERS.record(envelope)
        cells = rows.get(envelope.id)
        if cells is None:
            cells = rows[envelope.id] = {}
        fold(cells, type, record)
    return rows
