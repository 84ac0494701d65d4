"""Compacting beside `mainstem up`: in a process of its own, whose memory goes with it.

It may be ended at any moment: what it had not committed is done by the next one.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from archive.compact import Taken
from local.adapters import adapters
from local.archiving import compacted
from mainstem.discovery import discover
from mainstem.ports import Trouble, Unavailable

NOT_NOW = 3  # another process compacts
NAMED_CHARACTERS_MAX = 300


@dataclass
class Compacting:
    """Of one folder. A step is one process, from its start to its end."""

    folder: Path
    domains: Path
    _process: subprocess.Popen[str] | None = None
    _over: bool = False
    _turn: Lock = field(default_factory=Lock)

    def step(self) -> int:
        """Everything that is archived by now. Raises Unavailable where that can't be."""
        with self._turn:
            if self._over:
                return 0
            words = [sys.executable, "-m", "local.compacting", str(self.folder), str(self.domains)]
            self._process = subprocess.Popen(  # noqa: S603  our own module, and no shell
                words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8",
                cwd=Path(__file__).parents[1],
            )  # fmt: skip
        _, said = self._process.communicate()
        if self._process.returncode not in (0, NOT_NOW) and not self._over:
            why = said.strip().splitlines()[-1:] or ["it was killed"]
            raise Unavailable(f"compaction: {why[0][:NAMED_CHARACTERS_MAX]}")
        return 0

    def close(self) -> None:
        """Ends it, wherever it is."""
        with self._turn:
            self._over = True
            if self._process is not None:
                self._process.kill()


def main(folder: str, domains: str) -> int:
    """One run; what is in its way goes to stderr, on one line."""
    ports = adapters(Path(folder), create=False)
    try:
        compacted(ports, discover(domains))
    except Taken:
        return NOT_NOW
    except (Trouble, ValueError) as no:
        sys.stderr.write(f"{no}\n")
        return 1
    finally:
        ports.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
