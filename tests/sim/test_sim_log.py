"""The simulator's log keeps the contract that the one in a folder keeps."""

from __future__ import annotations

import pytest

from mainstem.sim.stores.log import Log, Shelf
from tests.contracts.log import LogContract, Opening


class TestLog(LogContract):
    @pytest.fixture
    def log(self) -> Opening:
        shelf = Shelf()
        return lambda: Log(shelf)
