"""The evaluators agree, to the value and its type, over views and histories nobody chose."""

from __future__ import annotations

import pytest

from tests.agreement.compare import checked

EXAMPLES = 2_000
CHUNK = 100


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, EXAMPLES, CHUNK))
def test_every_evaluator_agrees(first: int) -> None:
    for seed in range(first, first + CHUNK):
        wrong = checked(seed)
        assert not wrong, wrong
