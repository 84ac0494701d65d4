"""Whether history costs: the hundredth event of one ticket, and the hundred thousandth.

Young tickets stand in a folder of their own, so that the file that has grown is compared as well.
Old and young take turns, one commit each.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import disk
from benchmarks.measure import Figure, Result, Target, ratio
from benchmarks.tickets import Desk, desk

OLD_EVENTS_MAX = 100_000
YOUNG_EVENTS = 100
COMMITS_PER_RUN = 160  # a snapshot is kept every sixteen
EVENTS_PER_TRANSACTION = 500
TIMES_MAX = 1.5


def run(events: int, runs: int) -> Result:
    many = max(YOUNG_EVENTS, min(events, OLD_EVENTS_MAX))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with desk(folder / "old") as old, desk(folder / "young") as young:
            _fill(old, "old", many)
            for nth in range(runs):
                _fill(young, f"young {nth}", YOUNG_EVENTS)
            pairs = [_taken(old, young, f"young {nth}") for nth in range(runs)]
        note = disk.described(folder)
    early, late = (median(times) for times in zip(*pairs, strict=True))
    return Result(
        name="growth",
        title="one commit to a ticket, on the disk before it is answered",
        unit="ms",
        figures=(
            Figure(f"with {YOUNG_EVENTS:,} events before it", early),
            Figure(f"with {many:,} events before it", late),
        ),
        targets=(Target("times as long after so many", ratio(late, early), TIMES_MAX),),
        notes=(note,),
    )


def _fill(somebody: Desk, id: str, events: int) -> None:
    """Commands like all others, but not each of them waits for the disk."""
    somebody.ask(id, "Submit", {"title": "It burns"})
    for start in range(1, events, EVENTS_PER_TRANSACTION):
        with somebody.ports.folder.journal.together():
            for _ in range(start, min(events, start + EVENTS_PER_TRANSACTION)):
                _comment(somebody, id)


def _taken(old: Desk, young: Desk, id: str) -> tuple[float, float]:
    """Milliseconds for a commit of the young one and of the old one, half of the time."""
    early, late = [], []
    for _ in range(COMMITS_PER_RUN):
        early.append(_comment(young, id))
        late.append(_comment(old, "old"))
    return median(early), median(late)


def _comment(somebody: Desk, id: str) -> float:
    started = time.perf_counter()
    somebody.ask(id, "Comment", {"text": "It still burns"})
    return (time.perf_counter() - started) * 1e3
