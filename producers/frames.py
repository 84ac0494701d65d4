"""Frames: what a file is made of to which things are only ever added.

A frame says how long it is and what it hashes to. Where a process or a machine ended in the middle
of one, that one was never acknowledged, and is cut off. Where others follow it, something else has
happened to the file, and nobody guesses what was there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from mainstem.ports import Corrupt

MAGIC = b"\xf1MS1"
DIGEST_BYTES = 8
HEAD = struct.Struct(f">4sI{DIGEST_BYTES}s")
BODY_BYTES_MAX = 64 * 1024 * 1024


def framed(body: bytes) -> bytes:
    """The body as a frame of its own."""
    assert len(body) <= BODY_BYTES_MAX, f"{len(body)} bytes in a frame"
    return HEAD.pack(MAGIC, len(body), _digest(body)) + body


def bodies(path: Path, data: bytes, *, torn: bool) -> Iterator[tuple[bytes, int]]:
    """Each body, and where its frame ends. `torn`: the last one may be, and ends it.

    Raises Corrupt, with the file and the place.
    """
    place = 0
    while place < len(data):
        body = _at(data, place)
        if body is None:
            _refuse(path, data, place, torn)
            return
        place += HEAD.size + len(body)
        yield body, place


def _at(data: bytes, place: int) -> bytes | None:
    """The body of the frame that begins here, if one does."""
    if len(data) < place + HEAD.size:
        return None
    magic, size, digest = HEAD.unpack_from(data, place)
    body = data[place + HEAD.size : place + HEAD.size + size]
    return body if magic == MAGIC and len(body) == size and _digest(body) == digest else None


def _refuse(path: Path, data: bytes, place: int, torn: bool) -> None:
    if not torn:
        raise Corrupt(f"{path}: is damaged at byte {place}, and another file goes on after it")
    other = data.find(MAGIC, place + 1)
    while other >= 0:
        if _at(data, other) is not None:
            raise Corrupt(f"{path}: is damaged at byte {place}, and goes on at byte {other}")
        other = data.find(MAGIC, other + 1)


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=DIGEST_BYTES).digest()
