"""The ports of one store of views, and how a contract gets at them: opened, and opened anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from typing import Any, NamedTuple, TypeVar

from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Generation, Generations, Head, Intents, Parks, Rows, Stage
from mainstem.protocol.drive import drive

T = TypeVar("T")


class Shelf(NamedTuple):
    """What is written together, as one store has it."""

    rows: Rows
    parks: Parks
    generations: Generations
    intents: Intents


Opening = Callable[[], AbstractContextManager[Shelf]]  # picklable; each time the same store

TICKETS = Generation(1, "tickets.Ticket", "f1", Stage.CURRENT, 0)
REBUILT = Generation(2, "tickets.Ticket", "f2", Stage.BUILDING, 0)


def ticket(id: str, tenant: str = "main") -> Aggregate:
    return Aggregate(tenant, "tickets", id)


def put(
    shelf: Shelf,
    aggregate: Aggregate,
    rows: Mapping[str, bytes | None],
    generation: Generation = TICKETS,
    **more: Any,
) -> Head:
    """Writes the next version of an aggregate's rows, and says what it was written upon."""
    head = drive(shelf.rows.read(generation, aggregate, tuple(rows)))
    next = head.version + 1
    change = Change(head, next, (next, 0), rows, **more)
    assert drive(shelf.rows.write(generation, aggregate, change))
    return head


def crowd(work: Callable[..., T], *given: Any, processes: int = 5) -> list[T]:
    """What each of several processes says that do this at once, each told its number."""
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        asked = [pool.submit(work, *given, number) for number in range(processes)]
        return [one.result() for one in asked]
