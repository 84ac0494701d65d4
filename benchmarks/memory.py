"""How much memory a consumer takes that folds a feed in batches and forgets no row."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.history import stored
from benchmarks.measure import ROOT, Figure, Result, Target

MEGABYTES_MAX = 300


def run(events: int, _: int) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        path = stored(Path(folder), events)
        command = [sys.executable, "-m", "benchmarks.consumer", str(path)]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout
    rows, kilobytes = map(int, said.split())
    megabytes = kilobytes * 1024 / 1e6
    return Result(
        name="memory",
        title=f"{events:,} events folded in batches, {rows:,} rows held",
        unit="MB",
        figures=(Figure("most at any time", megabytes),),
        targets=(Target("MB", megabytes, MEGABYTES_MAX),),
    )
