"""Checkpoints: only ever forward, each generation for itself, one with the rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.checkpoints import Checkpoints
from local.store import Store
from mainstem.ports import Head
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.drive import drive
from tests.contracts.shelf import REBUILT, TICKETS, crowd, put, ticket
from tests.local import cupboard


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with cupboard.store(cupboard.views(tmp_path)) as opened:
        yield opened


def test_at_first_no_shard_has_begun(store: Store) -> None:
    assert Checkpoints(store).positions(TICKETS) == {}


def test_a_position_only_moves_forward(store: Store) -> None:
    checkpoints = Checkpoints(store)
    for sequence in (5, 3, 9, 9, 1):
        checkpoints.advance(TICKETS, "shard-1", sequence)
    checkpoints.advance(TICKETS, "shard-2", 1)
    assert checkpoints.positions(TICKETS) == {"shard-1": 9, "shard-2": 1}


def test_generations_are_apart_and_another_opening_sees_them(store: Store) -> None:
    Checkpoints(store).advance(TICKETS, "shard-1", 5)
    with cupboard.store(store.file) as again:
        assert Checkpoints(again).positions(TICKETS) == {"shard-1": 5}
        assert Checkpoints(again).positions(REBUILT) == {}


def test_it_begins_where_it_is_told_once(store: Store) -> None:
    checkpoints = Checkpoints(store)
    checkpoints.begin(TICKETS, {"shard-1": 5, "shard-2": 0})
    checkpoints.advance(TICKETS, "shard-1", 7)
    checkpoints.begin(TICKETS, {"shard-1": 5, "shard-2": 9, "shard-3": 2})
    assert checkpoints.positions(TICKETS) == {"shard-1": 7, "shard-2": 0, "shard-3": 2}


def test_a_new_generation_starts_where_another_is(store: Store) -> None:
    checkpoints = Checkpoints(store)
    checkpoints.begin(TICKETS, {"shard-1": 5, "shard-2": 7})
    checkpoints.begin(REBUILT, {"shard-2": 1})
    checkpoints.copy(TICKETS, REBUILT)
    checkpoints.advance(TICKETS, "shard-1", 6)
    assert checkpoints.positions(REBUILT) == {"shard-1": 5, "shard-2": 1}


def test_rows_and_the_position_behind_them_are_lost_together(store: Store) -> None:
    checkpoints, shelf = Checkpoints(store), cupboard.on(store)
    with pytest.raises(ZeroDivisionError), store.together():
        put(shelf, ticket("a"), {"": b"1"})
        checkpoints.advance(TICKETS, "shard-1", 5)
        1 / 0
    assert checkpoints.positions(TICKETS) == {}
    assert drive(shelf.rows.read(TICKETS, ticket("a"), ())) == Head(0, NOWHERE, {})


def test_advanced_by_several_at_once_it_is_where_the_furthest_was(store: Store) -> None:
    crowd(advance_far, store.file, processes=4)
    assert Checkpoints(store).positions(TICKETS) == {"shard-1": 103}


def advance_far(file: Path, number: int) -> None:
    with cupboard.store(file) as opened:
        for sequence in range(number, 101 + number):
            Checkpoints(opened).advance(TICKETS, "shard-1", sequence)
