"""A running house for the tests of a file: each of them uses ids of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.http.house import House, opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with opened(tmp_path_factory.mktemp("house") / "folder") as one:
        yield one
