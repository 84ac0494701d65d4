"""Timers: due in the order of their time, set and stopped by the rows they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.store import Store
from local.timers import Due, Timers
from mainstem.ports import Timer
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, put, ticket
from tests.local import cupboard


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with cupboard.store(cupboard.views(tmp_path)) as opened:
        yield opened


def _set(store: Store, id: str, *timers: Timer) -> None:
    put(cupboard.on(store), ticket(id), {"": b"1"}, timers=timers)


def _due(store: Store, now: int) -> list[tuple[int, str, str]]:
    found = drive(Timers(store).due(TICKETS, now, None, 100))
    return [(one.at, one.aggregate.id, one.command) for one in found]


def test_a_timer_is_due_when_its_time_has_come(store: Store) -> None:
    _set(store, "a", Timer("Remind", 500), Timer("Close", -3))
    _set(store, "b", Timer("Remind", 200))
    assert _due(store, -4) == []
    assert _due(store, 499) == [(-3, "a", "Close"), (200, "b", "Remind")]
    assert _due(store, 500) == [(-3, "a", "Close"), (200, "b", "Remind"), (500, "a", "Remind")]


def test_a_timer_is_set_anew_and_stopped(store: Store) -> None:
    _set(store, "a", Timer("Remind", 500), Timer("Close", 100))
    _set(store, "a", Timer("Remind", 700), Timer("Close", None), Timer("Never", None))
    assert _due(store, 1_000) == [(700, "a", "Remind")]


def test_timers_of_another_generation_are_not_due(store: Store) -> None:
    _set(store, "a", Timer("Remind", 500))
    assert drive(Timers(store).due(REBUILT, 1_000, None, 100)) == ()


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_what_is_due_is_told_in_pages(store: Store, limit: int) -> None:
    for id in ("b", "a", "c"):
        _set(store, id, Timer("Remind", 500), Timer("Close", 500))
    found: list[Due] = []
    while page := drive(Timers(store).due(TICKETS, 500, found[-1] if found else None, limit)):
        assert len(page) <= limit
        assert page[0] not in found
        found += page
    assert [(one.aggregate.id, one.command) for one in found] == [
        (id, command) for id in "abc" for command in ("Close", "Remind")
    ]
