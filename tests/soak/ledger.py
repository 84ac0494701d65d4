"""Ledgers: what was asked, written before, and what was acknowledged, written after. Only added to.

A process may be killed at any moment, so each line is one write, and a line that was cut is none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any

Line = dict[str, Any]


class Ledger:
    """One worker's own file. Whoever opens it again goes on where it ended."""

    def __init__(self, file: Path) -> None:
        self.lines = list(lines(file)) if file.exists() else []
        self._guard = Lock()
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.write(self._handle, b"\n")  # whatever was cut ends here

    def write(self, **line: Any) -> None:
        """One more line, out of this process before anything else is done."""
        with self._guard:
            self.lines.append(line)
            os.write(self._handle, json.dumps(line).encode() + b"\n")

    def close(self) -> None:
        os.close(self._handle)


def lines(file: Path) -> Iterator[Line]:
    """Every whole line."""
    for raw in file.read_bytes().split(b"\n"):
        try:
            found = json.loads(raw)
        except ValueError:
            continue  # it was cut, so nothing was done on account of it
        if isinstance(found, dict):
            yield found
