"""A rebuild killed at each of its steps, alone or while others prepare its parts."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mainstem.ports import Stage
from mainstem.protocol.drive import drive
from tests.cli.desk import DOMAINS, ROOT
from tests.edge.ended import wait_for_the_end_of
from tests.local.rebuilds import TICKET, VISITOR, lively
from tests.protocol.plant import plant

pytestmark = pytest.mark.slow

KILLS = """
import multiprocessing, os, signal, sys
from pathlib import Path
from local import hands, rebuilding
from local.adapters import adapters
from local.promoting import Promoting
from local.rebuilding import Rebuilding
from mainstem.discovery import discover
from mainstem.sink import sinks_of

folder, domains, name, moment, among = sys.argv[1:]
if among != "1":
    hands.ALONE_EVENTS_MAX, hands.cores = 0, lambda: int(among)
rebuilding.EVENTS_A_PART, rebuilding.AGGREGATES_A_WRITE = 7, 2
left = int(moment)

def passed(*_):
    global left
    left -= 1
    if left < 0:
        print(*(one.pid for one in multiprocessing.active_children()), flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

ports = adapters(Path(folder))
def dying(port):
    async def one(*args):
        passed()
        done = await port(*args)
        passed()
        return done
    return one

for store, verb in ((ports.generations, "turn"), (ports.generations, "note"),
                    (ports.generations, "promote"), (ports.rows, "write")):
    object.__setattr__(store, verb, dying(getattr(store, verb)))
(sink,) = (one for one in sinks_of(discover(Path(domains))) if one.name == name)
made = Rebuilding(ports, sink, passed)
if made.kept() is None:
    made.start()
    Promoting(made).promote()
print("done")
"""


@pytest.mark.parametrize(
    ("sink", "among", "steps"),
    [(TICKET, 1, 23), (VISITOR, 1, 23), (TICKET, 2, 41), (VISITOR, 2, 41)],
)
def test_killed_at_any_moment_it_is_done_by_the_next(
    tmp_path: Path, sink: str, among: int, steps: int
) -> None:
    folder, killed, others = tmp_path / "data", 0, list[int]()
    with plant(folder, "tickets", "clicks") as works:
        works.settle()
        lively(works)
        before = {one["id"]: one for one in works.shown(sink)}
    words = [sys.executable, "-c", KILLS, str(folder), str(DOMAINS), sink]
    for moment in range(400):
        said = subprocess.run(
            [*words, str(1 + moment % steps), str(among)],
            cwd=ROOT, capture_output=True, check=False, encoding="utf-8",
        )  # fmt: skip
        if said.returncode == 0:
            break
        assert said.returncode == -signal.SIGKILL, said.stderr
        killed += 1
        others += map(int, said.stdout.split())
    assert killed > 5
    assert bool(others) is (among > 1)
    wait_for_the_end_of(others)
    with plant(folder, "tickets", "clicks") as works:
        works.settle()
        assert {one["id"]: one for one in works.shown(sink)} == before
        stages = [one.stage for one in drive(works.ports.generations.of(sink))]
        assert stages == [Stage.KEPT, Stage.CURRENT]
