"""Generations on SQLite keep the contract, and what a drop leaves behind is swept up."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from local import sweeping, views_schema
from local.checkpoints import Checkpoints
from local.generations import Generations, domain_of
from mainstem.ports import Generation, Timer
from mainstem.protocol.drive import drive
from tests.contracts.generations import GenerationsContract
from tests.contracts.shelf import TICKETS, Opening, put, ticket
from tests.local import cupboard


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(cupboard.shelf, cupboard.views(tmp_path))


class TestGenerations(GenerationsContract):
    pass


def test_a_generation_holds_aggregates_of_the_domain_its_sink_is_named_after() -> None:
    assert domain_of(TICKETS) == "tickets"


def test_timers_and_checkpoints_are_dropped_too(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf = cupboard.on(store)
        new = drive(shelf.generations.start("tickets.Ticket", "f1", 1))
        put(shelf, ticket("a"), {"": b"1"}, new, timers=(Timer("Remind", 5),))
        Checkpoints(store).advance(new, "shard-1", 7)
        assert drive(shelf.generations.drop(new))
        assert store.rows("SELECT * FROM timers") == []
        assert Checkpoints(store).positions(new) == {}


def test_what_was_written_after_a_drop_is_swept_up_by_the_next(tmp_path: Path) -> None:
    """A drop that was killed leaves as much: what belongs to no generation."""
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf = cupboard.on(store)
        gone, next, stays = (_started(shelf.generations, f"f{n}") for n in range(3))
        assert drive(shelf.generations.drop(gone))
        put(shelf, ticket("late"), {"": b"1"}, gone)
        put(shelf, ticket("here"), {"": b"1"}, stays)
        assert drive(shelf.generations.drop(next))
        assert store.rows("SELECT generation FROM heads") == [(stays.number,)]


def test_every_table_of_a_generation_is_swept() -> None:
    owned = {
        sql.split()[5] for sql in views_schema.TABLES if "TABLE" in sql and "generation I" in sql
    }
    assert owned == sweeping.SWEPT.keys()


def test_what_is_swept_is_of_gone_generations_only(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        shelf = cupboard.on(store)
        built = [_started(shelf.generations, f"f{n}") for n in range(5)]
        for one in built:
            for n in range(3):
                put(shelf, ticket(f"t{n}"), {"": b"1", "k": b"2"}, one)
        for one in (built[0], built[2], built[4]):
            assert drive(shelf.generations.drop(one))
        left = [(built[1].number, 3), (built[3].number, 3)]
        for table in ("heads", "rows"):
            many = f"SELECT generation, count(*) FROM {table} GROUP BY 1"
            assert store.rows(many) == left


def _started(generations: object, fingerprint: str) -> Generation:
    assert isinstance(generations, Generations)
    return drive(generations.start("tickets.Ticket", fingerprint, 1))
