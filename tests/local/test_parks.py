"""Parks on SQLite keep the contract, and are counted for the command line."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from local.parks import Parks
from mainstem.protocol.drive import drive
from tests.contracts.parks import GAP, ParksContract
from tests.contracts.shelf import REBUILT, TICKETS, Opening, ticket
from tests.local import cupboard


@pytest.fixture
def opening(tmp_path: Path) -> Opening:
    return partial(cupboard.shelf, cupboard.views(tmp_path))


class TestParks(ParksContract):
    pass


def test_those_waiting_are_counted_for_each_generation(tmp_path: Path) -> None:
    with cupboard.store(cupboard.views(tmp_path)) as store:
        parks = Parks(store)
        for id in ("a", "b", "a"):
            drive(parks.park(TICKETS, GAP._replace(aggregate=ticket(id))))
        assert [drive(parks.count(one)) for one in (TICKETS, REBUILT)] == [2, 0]
