"""Rejects: the rows of a file that could not be facts, each with its number and the reason."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import msgspec

from edge.disk import in_words, synced
from edge.problems import Flaw

_encode = msgspec.json.Encoder().encode


class Rejects:
    """A file of them, made when there is one. What an earlier run wrote beyond `known` is cut."""

    def __init__(self, path: Path, known: int) -> None:
        self.path, self.many = path, known
        self._new: list[bytes] = []
        with in_words(path):
            if path.is_file():
                _cut(path, known)

    def add(self, number: int, flaw: Flaw, raw: bytes) -> None:
        """One more."""
        said = {"row": number, "at": flaw.at, "detail": flaw.detail, **_shown(raw)}
        self._new.append(_encode(said) + b"\n")
        self.many += 1

    def save(self) -> None:
        """All that were added are on the disk when this returns."""
        if not self._new:
            return
        with in_words(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(b"".join(self._new))
                file.flush()
                os.fsync(file.fileno())
            synced(self.path.parent)
        self._new = []


def _shown(raw: bytes) -> Mapping[str, Any]:
    """As text, so that it can be mended and sent; what is no text, in base64."""
    try:
        return {"line": raw.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(raw).decode()}


def _cut(path: Path, known: int) -> None:
    """Whole lines, as many as are known of."""
    with path.open("r+b") as file:
        file.truncate(_end(file, known))


def _end(file: IO[bytes], lines: int) -> int:
    end = 0
    for number, line in enumerate(file):
        if number == lines or not line.endswith(b"\n"):
            break
        end += len(line)
    return end
