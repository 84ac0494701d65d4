"""A row by its id over HTTP, beside a bare Starlette route that answers the same JSON."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.calling import Line
from benchmarks.measure import ROOT, Result, Target, figures, rates, ratio
from benchmarks.serving import Served, bare, line, token, up

REQUESTS_MAX = 8_000
CONNECTIONS = 8
PATH = "/v1/ticket/it-burns"
SHARE = 0.5
MINE, BARE = "Mainstem: GET /v1/ticket/{id}, signed in", "a bare Starlette JSON route"
PAUSE_S = 0.005
PATIENCE_S = 30


def run(events: int, runs: int) -> Result:
    rounds = max(1, min(events, REQUESTS_MAX) // CONNECTIONS)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        with up(folder) as mine, line(mine, folder, "ann") as ann:
            body = _submitted(ann)
            with bare(body) as peer:
                signed = token(folder, "ann")  # the bare route gets it too, and looks away
                servers = {BARE: peer, MINE: mine}
                asked = {n: partial(_read, one, signed, rounds) for n, one in servers.items()}
                found = rates(asked, rounds * CONNECTIONS, runs)
                note = _spent(servers, signed, rounds)
    share = ratio(found[MINE], found[BARE])
    return Result(
        name="reading",
        title=f"{len(body)} bytes of JSON over {CONNECTIONS} connections that stay open",
        unit="requests per second",
        figures=figures(found),
        targets=(Target("of the bare route's requests", share, SHARE, at_least=True),),
        notes=(note,),
    )


def _spent(servers: Mapping[str, Served], token: str, rounds: int) -> str:
    """A busy machine changes that less than it does rates."""
    before = {name: one.cpu_seconds() for name, one in servers.items()}
    for one in servers.values():
        _read(one, token, rounds)
    spent = {n: one.cpu_seconds() - before[n] for n, one in servers.items()}
    told = (f"{s * 1e6 / rounds / CONNECTIONS:.0f} µs for {n}" for n, s in spent.items())
    return f"CPU per request: {', '.join(told)}"


def _submitted(ann: Line) -> bytes:
    """A ticket, as it is read once it is there."""
    status, _ = ann.post("/v1/tickets/it-burns/submit", b'{"title": "It burns"}')
    assert status == 201
    until = time.monotonic() + PATIENCE_S
    while (answered := ann.get(PATH)).status != 200:
        assert time.monotonic() < until, "the ticket does not appear"
        time.sleep(PAUSE_S)
    return answered.body


def _read(served: Served, token: str, rounds: int) -> float:
    """What another process says it took, so that asking is not counted as answering."""
    command = [sys.executable, "-m", "benchmarks.load", served.address, token, PATH]
    said = subprocess.run(
        [*command, str(CONNECTIONS), str(rounds)], check=True, stdout=subprocess.PIPE, cwd=ROOT
    ).stdout
    return float(said)
