"""What needs Spark says so, and is left out where there is none."""

from __future__ import annotations

import pytest

from tests.spark.engine import missing


@pytest.fixture(scope="session")
def spark() -> None:
    """In an environment of its own, which `make spark` makes."""
    if why := missing():
        pytest.skip(why)
