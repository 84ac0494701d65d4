"""The disk that a benchmark ran on: what a commit costs is mostly what it takes to sync it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from statistics import median

SYNCS = 100
PAGE_BYTES = 4_096
MEMORY = {"tmpfs", "ramfs"}


def described(folder: Path) -> str:
    """Which file system it is, and how long one page takes to reach it."""
    kind = filesystem(folder)
    if kind in MEMORY:
        return f"{kind}: nothing here is durable, so these figures say nothing; set TMPDIR"
    return f"on {kind}; to append a page and sync it takes {synced_ms(folder):.2f} ms here"


def filesystem(folder: Path) -> str:
    """As Linux calls it."""
    mounts = Path("/proc/self/mounts")
    if not mounts.exists():
        return "a disk"
    found = (line.split()[1:3] for line in mounts.read_text("utf-8").splitlines())
    above = [(len(place), kind) for place, kind in found if folder.is_relative_to(place)]
    return max(above, default=(0, "a disk"))[1]


def synced_ms(folder: Path) -> float:
    """The median of several, one after the other."""
    with (folder / "synced").open("wb", buffering=0) as file:
        return median(_synced_s(file.fileno()) for _ in range(SYNCS)) * 1e3


def _synced_s(handle: int) -> float:
    started = time.perf_counter()
    os.write(handle, bytes(PAGE_BYTES))
    os.fsync(handle)
    return time.perf_counter() - started
