"""The same orders and tickets as others would write them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.peers.with_eventsourcing import Store
    from mainstem.envelope import Envelope

SQLITE, OBJECTS = "SQLite in memory", "Python objects"


def installed(package: str) -> bool:
    """Whether it is here."""
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def missing(package: str) -> str:
    """What is said of one that isn't."""
    return f"{package} is not installed here: `make bench` brings it"


MISSING = missing("eventsourcing")


def replays(envelopes: Sequence[Envelope], *places: str) -> dict[str, Store]:
    """Where `eventsourcing` has these orders saved; nothing where it is not installed."""
    if not installed("eventsourcing"):
        return {}
    from benchmarks.peers.with_eventsourcing import Store

    return {f"eventsourcing: replay from {place}": Store(place, envelopes) for place in places}


def stories(folder: Path, opened: ExitStack) -> dict[str, Callable[[], None]]:
    """What lives one ticket's story, by whom; nothing where `eventsourcing` is not installed."""
    if not installed("eventsourcing"):
        return {}
    from benchmarks.peers.tickets import tickets

    plain, cached = (
        opened.enter_context(tickets(folder / f"{name}.db", cached=name == "cached"))
        for name in ("plain", "cached")
    )
    return {"eventsourcing": plain.live, "eventsourcing with its cache": cached.live}


def logs(envelopes: Sequence[Envelope]) -> dict[str, Callable[[], object]]:
    """What makes a view of the same orders from `eventsourcing`'s notification log."""
    if not installed("eventsourcing"):
        return {}
    from benchmarks.peers.projecting import Log

    return {"eventsourcing: a projection of its log": Log(envelopes).projected}
