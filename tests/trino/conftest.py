"""What needs Trino says so, and is left out where there is none; one server is for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.trino.engine import Server, started
from tests.trino.fetch import missing


@pytest.fixture(scope="session")
def here() -> None:
    """In a folder of its own, which `make trino` makes."""
    if why := missing():
        pytest.skip(why)


@pytest.fixture(scope="session")
def trino(here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started(tmp_path_factory.getbasetemp().resolve()) as server:
        yield server
