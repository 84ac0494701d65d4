"""What an import takes, in fresh processes, against pydantic's.

`import pydantic` alone loads next to nothing, so the first model of each is compared as well.
"""

from __future__ import annotations

import subprocess
import sys
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median

from benchmarks.measure import ROOT, Result, Target, figures, ratio

TIMES_MAX = 1.3
STATEMENTS = {
    "python -c pass": "pass",
    "import pydantic": "import pydantic",
    "import mainstem": "import mainstem",
    "from pydantic import BaseModel": "from pydantic import BaseModel",
    "from mainstem import Event": "from mainstem import Event",
    "pydantic: one model": "from pydantic import BaseModel\nclass Paid(BaseModel):\n    cents: int",
    "Mainstem: one event": "from mainstem import Event\nclass Paid(Event):\n    cents: int",
}


def run(_: int, runs: int) -> Result:
    spent: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for statement in STATEMENTS.values():
        _milliseconds(statement)  # compiled and in the page cache from here on
    for _ in range(2 * runs):
        for name, statement in STATEMENTS.items():
            spent[name].append(_milliseconds(statement))
    found = {name: median(times) for name, times in spent.items()}
    return Result(
        name="starting",
        title="an import in a fresh process",
        unit="CPU ms",
        figures=figures(found),
        targets=tuple(
            Target(f"{mine}, against {peer}", ratio(found[mine], found[peer]), TIMES_MAX)
            for mine, peer in (
                ("import mainstem", "import pydantic"),
                ("Mainstem: one event", "pydantic: one model"),
            )
        ),
    )


def _milliseconds(statement: str) -> float:
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], check=True, cwd=ROOT)
    after = getrusage(RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3
