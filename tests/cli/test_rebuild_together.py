"""`mainstem rebuild start` by several processes: an interrupt ends all of them, in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.desk import Here, surroundings
from tests.cli.teas import TEA, later, stocked
from tests.edge.ended import wait_for_the_end_of

pytestmark = pytest.mark.slow

SLOW = (
    TEA.replace("count, last", "count, fold, last")
    .replace(
        "class Sale(",
        "import time\n\n\ndef slowly(n, sold):\n    time.sleep(60)\n    return n\n\n\nclass Sale(",
    )
    .replace("sales = ", "slow = fold(0, {Sold: slowly})\n    sales = ")
)
STARTS = """
import sys
from local import hands, rebuilding
from cli.main import main
hands.ALONE_EVENTS_MAX, hands.cores, rebuilding.EVENTS_A_PART = 0, lambda: 2, 1
main(["rebuild", "start", "sale", *sys.argv[1:]])
"""
PATIENCE_S, POLL_S = 30.0, 0.02


def at_work(here: Here) -> set[int]:
    """Whoever folds: each has room on the disk that bears its number."""
    found = here.folder.glob("archive/.scratch/*-fold-*")
    return {int(path.name.partition("-")[0]) for path in found}


@pytest.mark.parametrize("asks", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_all_of_them(tmp_path: Path, asks: signal.Signals) -> None:
    here = later(stocked(tmp_path), SLOW)
    words = ("--folder", str(here.folder), "--domains", str(here.domains))
    asked = subprocess.Popen(
        [sys.executable, "-c", STARTS, *words], env=surroundings(), start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_S
    while len(others := at_work(here)) < 2:
        assert time.monotonic() < until
        time.sleep(POLL_S)
    os.killpg(asked.pid, asks)  # as a terminal does
    out, err = asked.communicate()
    wait_for_the_end_of(others)
    assert (asked.returncode, out) == (3, "")
    assert err.splitlines()[-1] == "mainstem: interrupted; run it again"
    assert "Traceback" not in err
    assert not at_work(here)
