"""A million events of every domain: Trino's rows have the hashes that the others' have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.agreement.million import EVENTS, agreed

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]


def test_a_million_events_of_every_domain_are_the_same_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = agreed(tmp_path, EVENTS, 0, ["trino"])
    with capsys.disabled():
        sys.stdout.write(f"\n{found.text}\n")
    assert found.events >= EVENTS
    assert not found.wrong, "\n\n".join(found.wrong)
