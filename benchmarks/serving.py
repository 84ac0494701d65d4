"""Servers in processes of their own, as they are started for real: `mainstem up`, and a peer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calling import Line
from benchmarks.measure import ROOT
from edge.caller import Caller
from edge.tokens import mint
from local.keys import Keys
from local.secrets import TOKENS
from mainstem.protocol.drive import drive

ADDRESS = re.compile(r"http://[\d.]+:\d+")
TOKEN_AGE_S = 24 * 3600


@dataclass(frozen=True)
class Served:
    """Where it listens, and the process that does."""

    address: str
    process: int

    def megabytes(self) -> float:
        """What it holds in memory now; nan where nobody says."""
        return self._kilobytes("VmRSS") * 1024 / 1e6

    def most_megabytes(self) -> float:
        """The most it ever held."""
        return self._kilobytes("VmHWM") * 1024 / 1e6

    def cpu_seconds(self) -> float:
        """What all of its threads have taken so far; nan where nobody says."""
        times = Path(f"/proc/{self.process}/stat")
        if not times.exists():
            return float("nan")
        user, system = times.read_text("utf-8").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _kilobytes(self, name: str) -> float:
        status = Path(f"/proc/{self.process}/status")
        if not status.exists():
            return float("nan")
        (found,) = re.findall(rf"{name}:\s*(\d+) kB", status.read_text("utf-8"))
        return int(found)


@contextmanager
def up(folder: Path) -> Iterator[Served]:
    """`mainstem up` on this folder, with the domains of the repository."""
    command = ["-m", "cli", "up", "--quiet", "--port", "0", "--folder", str(folder)]
    with _started(command) as served:
        yield served


@contextmanager
def bare(body: bytes) -> Iterator[Served]:
    """One Starlette route that answers this JSON."""
    with _started(["-m", "benchmarks.peers.with_starlette", body.decode()]) as served:
        yield served


@contextmanager
def kinesis() -> Iterator[Served]:
    """A stand-in for Kinesis."""
    with _started(["-m", "benchmarks.kinesis"]) as served:
        yield served


def token(folder: Path, by: str, *roles: str) -> str:
    """Signed with the folder's own key."""
    key = drive(Keys(folder / "keys").secret(TOKENS))
    return mint(key, Caller(by, frozenset(roles)), int(time.time()), TOKEN_AGE_S)


@contextmanager
def line(served: Served, folder: Path, by: str, *roles: str) -> Iterator[Line]:
    """A line to whoever serves this folder, for somebody."""
    with Line(served.address, token(folder, by, *roles)) as opened:
        yield opened


@contextmanager
def _started(command: Sequence[str]) -> Iterator[Served]:
    surroundings = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=surroundings
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            found = ADDRESS.search(said)
            assert found is not None, f"it does not say where it listens: {said!r}"
            yield Served(found[0], process.pid)
        finally:
            process.terminate()
