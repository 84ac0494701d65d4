"""A fingerprint is the same in every process, on every machine, for years."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstem.fingerprint import fingerprint
from tests.mainstem.choir import Choir, Voice

# Rows are stored under these. If one changes although nothing in choir.py did, every view of every
# user asks for a rebuild: say so in the changelog, or don't change it.
GOLDEN = {
    "Choir": "02a06d0cf612fab59eec216b895f67bc",
    "Voice": "83403e10183430875f6b57bf8aeb0ce2",
}
PRINT = """
from tests.mainstem.choir import Choir, Voice
from mainstem.fingerprint import fingerprint
print(fingerprint(Choir), fingerprint(Voice))
"""
ROOT = Path(__file__).parents[2]


def test_it_is_what_it_has_always_been() -> None:
    assert {"Choir": fingerprint(Choir), "Voice": fingerprint(Voice)} == GOLDEN


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_it_is_the_same_in_another_process(seed: str) -> None:
    told = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRINT],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.split() == [fingerprint(Choir), fingerprint(Voice)]
