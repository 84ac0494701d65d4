"""Folding one event after the other, against replays and against reducers written by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.history import ORDERS, envelopes
from benchmarks.measure import Result, Target, cpu, figures, ratio
from benchmarks.orders import Order
from benchmarks.peers import MISSING, OBJECTS, SQLITE, replays, with_pydantic
from mainstem.envelope import Envelope, decode, encode
from mainstem.folding import Folding, rows_of

EVENTS_MAX = 50_000  # more of the same shows nothing new
FOLD = "Mainstem: the fold, of events that are read"
Read = tuple[str, str, dict[str, Any]]


def run(events: int, runs: int) -> Result:
    history = envelopes(min(events, EVENTS_MAX))
    replayed = {name: store.replayed for name, store in replays(history, SQLITE, OBJECTS).items()}
    contenders = {**_contenders(history), **replayed}
    expected = {row["id"]: row for row in rows_of(Order, ORDERS, history)}
    for name, contender in contenders.items():
        _agree(name, expected, contender())
    found = cpu(contenders, len(history), runs)
    return Result(
        name="incremental",
        title=f"{len(Order.__columns__)} columns folded event by event ({len(history):,} events)",
        unit="CPU µs per event",
        figures=figures(found),
        targets=tuple(
            Target(f"{name}, against the fold", ratio(found[name], found[FOLD]), 10, True)
            for name in replayed
        ),
        notes=() if replayed else (MISSING,),
    )


def _contenders(history: Sequence[Envelope]) -> dict[str, Callable[[], Any]]:
    lines = [encode(one) for one in history]
    read = [(one.id, *ORDERS.record(one)) for one in history]
    return {
        FOLD: partial(_folded, read),
        "Mainstem: from envelopes to rows": partial(rows_of, Order, ORDERS, history),
        "Mainstem: from bytes to rows": lambda: rows_of(Order, ORDERS, map(decode, lines)),
        "pydantic: from envelopes to rows": partial(with_pydantic.rows_of_envelopes, history),
        "pydantic: from bytes to rows": partial(with_pydantic.rows_of_bytes, lines),
    }


def _folded(read: Iterable[Read]) -> list[dict[str, Any]]:
    found: dict[str, Folding] = {}
    for id, type, record in read:
        one = found.get(id)
        if one is None:
            one = found[id] = Folding(Order)
        one.advance(type, record)
    return [row for id, one in found.items() for row in one.finished(tenant="main", id=id)]


def _agree(name: str, expected: Mapping[str, dict[str, Any]], got: Any) -> None:
    """What is faster and wrong is no peer."""
    rows = {row["id"]: row for row in got} if isinstance(got, list) else got
    assert rows.keys() == expected.keys(), f"{name} has other orders"
    for id, row in rows.items():
        values = row if isinstance(row, dict) else {c: getattr(row, c) for c in Order.__columns__}
        for column in Order.__columns__:
            assert values[column] == expected[id][column], f"{name}: {column} of {id} differs"
