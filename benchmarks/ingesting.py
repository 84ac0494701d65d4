"""Facts onto a stream: Mainstem with its log on the disk, beside what others send without one.

A stand-in for Kinesis takes them, in a process of its own. CPU is measured on streams where nothing
goes wrong; what became of the facts is counted on rough ones.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks import disk
from benchmarks.facts import Load, load
from benchmarks.kinesis.faults import FAILURE, THROTTLE, UNSAID
from benchmarks.measure import Result, Target, figures, ratio
from benchmarks.peers import installed, missing
from benchmarks.serving import kinesis

if TYPE_CHECKING:
    from benchmarks.kinesis.arriving import Found, Open
    from benchmarks.senders import Send, Sender

    Counted = tuple[Found, Mapping[str, int]]

FACTS_MAX, ROUGH_MAX = 100_000, 20_000
RUNS_MAX = 3
SEED = 7
TIMES = 3.5
NAME, UNIT = "ingesting", "CPU µs per fact"


def run(events: int, runs: int) -> Result:
    """Nothing without boto3: all of them go through botocore."""
    if not installed("boto3"):
        return Result(NAME, "facts onto a stream", UNIT, (), notes=(missing("boto3"),))
    from benchmarks.kinesis.client import connected
    from benchmarks.senders import MINE, PEERS, rough, senders

    mixed, few = load(min(events, FACTS_MAX)), load(min(events, ROUGH_MAX))
    with tempfile.TemporaryDirectory() as place, kinesis() as stand_in:
        folder, client = Path(place), connected(stand_in.address)
        spent = _spent(client, senders(stand_in.address, folder), mixed, min(runs, RUNS_MAX))
        counted = {
            name: _counted(client, send, its, few)
            for name, (send, its) in rough(stand_in.address, folder).items()
        }
        absent = [missing(name) for name in PEERS if not installed(name)]
        notes = (*_notes(counted, len(few.facts)), *absent, disk.described(folder))
    return Result(
        name=NAME,
        title=f"{len(mixed.facts):,} facts of {mixed.bytes} bytes onto a stand-in for Kinesis",
        unit=UNIT,
        figures=figures(spent),
        targets=tuple(_targets(spent, counted[MINE][0])),
        notes=notes,
    )


def _spent(client: Any, senders: Mapping[str, Sender], mixed: Load, runs: int) -> dict[str, float]:
    """Medians, each run after another one: whoever comes first pays for memory others let go."""
    spent: dict[str, list[float]] = {name: [] for name in senders}
    for _ in range(runs):
        for name, one in senders.items():
            some = mixed.first(one.many or len(mixed.facts))
            _sent(client, one.send, some)
            spent[name].append(_sent(client, one.send, some) * 1e6 / len(some.facts))
    return {name: median(times) for name, times in spent.items()}


def _sent(client: Any, send: Send, mixed: Load) -> float:
    from benchmarks.kinesis.client import stream

    gc.collect()
    with stream(client, "quiet") as name:
        return send(name, mixed)


def _counted(client: Any, send: Send, its: Open, few: Load) -> Counted:
    """What became of the facts, and what they met."""
    from benchmarks.kinesis.arriving import found
    from benchmarks.kinesis.client import met, read, stream

    with stream(client, "rough", SEED) as name:
        send(name, few)
        shards = (its(shard) for shard in read(client, name))
        return found([one.line for one in few.facts], shards), met(client, name)


def _notes(counted: Mapping[str, Counted], many: int) -> Iterator[str]:
    yield f"{many:,} facts, with records and calls that fail:"
    for name, (found, met) in counted.items():
        yield (
            f"  {name}: {found.late} out of order, {found.lost} lost, {found.double} double;"
            f" {met.get(THROTTLE, 0)} throttled, {met.get(FAILURE, 0)} failed,"
            f" {met.get(UNSAID, 0)} calls stored and not answered"
        )


def _targets(spent: Mapping[str, float], mine: Found) -> Iterator[Target]:
    from benchmarks.senders import BOTO3, MINE

    yield Target(f"of Mainstem's, {BOTO3}", ratio(spent[BOTO3], spent[MINE]), TIMES, at_least=True)
    for what, many in zip(("out of order", "lost", "double"), mine, strict=True):
        yield Target(f"Mainstem's facts {what}", many, 0)
