"""The same orders and tickets as others would write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.peers.with_eventsourcing import Store
    from mainstem.envelope import Envelope

MISSING = "eventsourcing is not installed here: `make bench` brings it"
SQLITE, OBJECTS = "SQLite in memory", "Python objects"


def replays(envelopes: Sequence[Envelope], *places: str) -> dict[str, Store]:
    """Where `eventsourcing` has these orders saved; nothing where it is not installed."""
    if find_spec("eventsourcing") is None:
        return {}
    from benchmarks.peers.with_eventsourcing import Store

    return {f"eventsourcing: replay from {place}": Store(place, envelopes) for place in places}


def stories(folder: Path, opened: ExitStack) -> dict[str, Callable[[], None]]:
    """What lives one ticket's story, by whom; nothing where `eventsourcing` is not installed."""
    if find_spec("eventsourcing") is None:
        return {}
    from benchmarks.peers.tickets import tickets

    plain, cached = (
        opened.enter_context(tickets(folder / f"{name}.db", cached=name == "cached"))
        for name in ("plain", "cached")
    )
    return {"eventsourcing": plain.live, "eventsourcing with its cache": cached.live}
