"""How much memory `mainstem up` takes while a million facts go through it, and whether that grows.

They come over HTTP, two thousand to a request, and are rows of three views at every reading.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.calling import Line
from benchmarks.measure import ROOT, Figure, Result, Target, ratio
from benchmarks.serving import Served, line, up
from local.adapters import Adapters, adapters
from local.lag import lags
from mainstem.discovery import discover

FACTS_PER_REQUEST = 2_000
VISITORS = 20_000
PAGES = 50
READINGS = 10
MEGABYTES_MAX = 250
TIMES_MAX = 1.1  # from the middle to the end
PATIENCE_S = 600
PAUSE_S = 0.02
CLICKS = {"clicks": discover(ROOT / "domains")["clicks"]}
NDJSON = "application/x-ndjson"
_encode = msgspec.json.Encoder().encode_lines


def run(events: int, _: int) -> Result:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        with up(folder) as served, _opened(folder) as ports:
            readings = list(_readings(events, served, ports))
            most = served.most_megabytes()
    middle, end = readings[READINGS // 2], readings[-1]
    return Result(
        name="memory_up",
        title=f"`mainstem up`, {events:,} facts sent and shown",
        unit="MB",
        figures=(
            Figure("before the first", readings[0]),
            Figure("after half of them", middle),
            Figure("after all", end),
            Figure("most at any time", most),
        ),
        targets=(
            Target("MB", most, MEGABYTES_MAX),
            Target("after all, against half", ratio(end, middle), TIMES_MAX),
        ),
    )


@contextmanager
def _opened(folder: Path) -> Iterator[Adapters]:
    ports = adapters(folder)
    try:
        yield ports
    finally:
        ports.close()


def _readings(events: int, served: Served, ports: Adapters) -> Iterator[float]:
    """What it holds at first, and after each share of the facts."""
    yield served.megabytes()
    share = math.ceil(events / READINGS)
    for start in range(0, events, share):
        # A line that says nothing for a while is closed by the other end, so each share has one.
        with line(served, ports.folder.path, "shop", "producer") as shop:
            _send(shop, start, min(events, start + share))
        _wait(ports)
        yield served.megabytes()


def _send(shop: Line, start: int, end: int) -> None:
    for first in range(start, end, FACTS_PER_REQUEST):
        facts = [_fact(n) for n in range(first, min(end, first + FACTS_PER_REQUEST))]
        status, body = shop.post("/v1/clicks", _encode(facts), NDJSON)
        assert status == 200, body
        assert body.count(b'{"ok":true,') == len(facts), body


def _fact(n: int) -> dict[str, object]:
    """Every tenth look at a page is followed by a purchase."""
    visitor, product = f"v{n * 7919 % VISITORS}", f"p{n * 31 % PAGES}"
    if n % 10 == 9:
        data: dict[str, object] = {"product": product, "cents": 990, "order": f"o{n}"}
        return {"id": visitor, "type": "Purchased", "data": data}
    data = {"page": f"/{product}", "ms": n % 9_000, "product": product}
    return {"id": visitor, "type": "Viewed", "data": data}


def _wait(ports: Adapters) -> None:
    """Until every view has read everything."""
    until = time.monotonic() + PATIENCE_S
    while any(lags(ports, CLICKS)):
        assert time.monotonic() < until, "the facts are not shown"
        time.sleep(PAUSE_S)
