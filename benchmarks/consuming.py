"""From the feed to rows, lists and words, as `mainstem up` does it: on two threads, in two files.

The feed is filled first. Bundles hold a hundred events of one ticket; or one event each, in an
order in which no two neighbours are of the same ticket: the worst for whoever writes rows.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Thread

from benchmarks import disk
from benchmarks.measure import Result, Target, figures, rates, timed
from benchmarks.tickets import ONLY, bundle, lines
from local.adapters import adapters
from local.engine import Engine, engine
from mainstem.ports import Bundle
from mainstem.protocol.drive import drive

EVENTS_MAX = 50_000
EVENTS_PER_BUNDLE = 100
EVENTS_PER_TICKET = 5
BUNDLES_PER_PUT = 100
REST_S = 0.05  # of the index, where there was nothing to do
BUNDLED, SINGLE = "100 events in a bundle", "1 event in a bundle"
LEAST = {BUNDLED: 20_000, SINGLE: 5_000}
Rounds = Sequence[Sequence[Bundle]]


def run(events: int, runs: int) -> Result:
    hundreds = max(1, min(events, EVENTS_MAX) // EVENTS_PER_BUNDLE)
    fed = {BUNDLED: bundled(hundreds), SINGLE: single(hundreds)}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, rounds in fed.items():
            _fill(folder / name, rounds)
        drained = {name: partial(_drained, folder / name) for name in fed}
        found = rates(drained, hundreds * EVENTS_PER_BUNDLE, runs)
        note = disk.described(folder)
    return Result(
        name="consuming",
        title=f"tickets from the feed to rows, lists and words ({hundreds * 100:,} events)",
        unit="events per second",
        figures=figures(found),
        targets=tuple(Target(n, found[n], least, at_least=True) for n, least in LEAST.items()),
        notes=(note,),
    )


def bundled(hundreds: int) -> Rounds:
    """All in one round: in a round no ticket comes twice, for it is put at once."""
    return [[bundle(f"t{n}", lines(f"t{n}", EVENTS_PER_BUNDLE)) for n in range(hundreds)]]


def single(hundreds: int) -> Rounds:
    """The first event of all tickets, then the second of all, and so on."""
    ids = [f"t{n}" for n in range(hundreds * EVENTS_PER_BUNDLE // EVENTS_PER_TICKET)]
    told = {id: lines(id, EVENTS_PER_TICKET) for id in ids}
    return [[bundle(id, [told[id][nth]]) for id in ids] for nth in range(EVENTS_PER_TICKET)]


def _fill(folder: Path, rounds: Rounds) -> None:
    """A folder whose sinks are settled, and nothing consumed of all that is on its feed."""
    ports = adapters(folder)
    try:
        engine(ports, ONLY)
        for bundles in rounds:
            for start in range(0, len(bundles), BUNDLES_PER_PUT):
                drive(ports.feed.put(bundles[start : start + BUNDLES_PER_PUT]))
    finally:
        ports.close()


def _drained(filled: Path) -> float:
    """Seconds until all of it is rows and words, in a copy of that folder."""
    with tempfile.TemporaryDirectory(dir=filled.parent) as place:
        ports = adapters(Path(shutil.copytree(filled, Path(place) / "copy")))
        try:
            running = engine(ports, ONLY)
            seconds = timed(lambda: _drain(running))
            assert not any(map(running.parked, running.intos)), "it waits instead of being shown"
            assert running.consume() == 0, "it ended before all was consumed"
            return seconds
        finally:
            ports.close()


def _drain(running: Engine) -> None:
    consumer = Thread(target=lambda: _until_nothing_is_left(running))
    consumer.start()
    while consumer.is_alive():
        if not running.index():
            consumer.join(REST_S)
    while running.index():
        pass


def _until_nothing_is_left(running: Engine) -> None:
    while running.consume():
        pass
