"""How soon what was acknowledged can be read: over HTTP, of an `up` that has nothing else to do."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks.calling import Line
from benchmarks.measure import Figure, Result, Target, percentile
from benchmarks.serving import line, up

COMMENTS_MAX = 1_000
EVENTS_PER_COMMENT = 10  # of those asked for: each takes its time
PAUSE_S = 0.01  # from a row that was read to the next command
LATEST_MS = 50.0
PATIENCE_S = 30.0


def run(events: int, _: int) -> Result:
    comments = max(1, min(events // EVENTS_PER_COMMENT, COMMENTS_MAX))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        with up(folder) as served, line(served, folder, "ann") as ann:
            assert ann.post("/v1/tickets/t/submit", b'{"title": "It burns"}').status == 201
            waited = [_waited_ms(ann) for _ in range(comments)]
    late = percentile(waited, 99)
    return Result(
        name="freshness",
        title=f"from a command's answer to a row that shows it ({comments:,} commands)",
        unit="ms",
        figures=(
            Figure("half of them", percentile(waited, 50)),
            Figure("99 of 100", late),
            Figure("all", max(waited)),
        ),
        targets=(Target("ms for 99 of 100", late, LATEST_MS),),
    )


def _waited_ms(ann: Line) -> float:
    time.sleep(PAUSE_S)
    status, body = ann.post("/v1/tickets/t/comment", b'{"text": "It still burns"}')
    assert status == 200
    version: int = msgspec.json.decode(body)["version"]
    answered = time.perf_counter()
    while not _shows(ann, version):
        assert time.perf_counter() < answered + PATIENCE_S, f"version {version} does not appear"
    return (time.perf_counter() - answered) * 1e3


def _shows(ann: Line, version: int) -> bool:
    status, body = ann.get("/v1/ticket/t")
    return status == 200 and msgspec.json.decode(body)["version"] >= version
