"""What reads as fast as it can, in a process of its own: it prints the seconds that it took.

All connections send a request, then all answers are read: whoever answers always has some to do.
"""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from itertools import repeat

from benchmarks.calling import Line


def took(address: str, token: str, path: str, connections: int, rounds: int) -> float:
    """Seconds for so many rounds of one request a connection."""
    with ExitStack() as opened:
        lines = [opened.enter_context(Line(address, token)) for _ in range(connections)]
        request = lines[0].request("GET", path)
        started = time.perf_counter()
        for _ in repeat(None, rounds):
            for line in lines:
                line.send(request)
            for line in lines:
                status, _ = line.receive()
                assert status == 200, f"{path}: {status}"
        return time.perf_counter() - started


if __name__ == "__main__":
    address, token, path, connections, rounds = sys.argv[1:]
    print(took(address, token, path, int(connections), int(rounds)))
