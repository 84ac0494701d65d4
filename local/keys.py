"""Secrets, one file each. Whoever comes first makes one; all others find that one."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from edge.disk import synced
from local.trouble import in_words
from mainstem.ports import Corrupt

SECRET_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Keys:
    """The Keys port over a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, bytes] = {}

    async def secret(self, name: str) -> bytes:
        """The secret of this name: on the disk before anybody sees it."""
        if name not in self._known:
            assert NAME.fullmatch(name), f"{name!r}: a key's name is short and plain"
            with in_words(self._folder / name):
                self._known[name] = _secret(self._folder, name)
        return self._known[name]


def _secret(folder: Path, name: str) -> bytes:
    file = folder / name
    if not file.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        _make(file)
    found = file.read_bytes()
    if len(found) < SECRET_BYTES:
        raise Corrupt(f"{file}: has {len(found)} bytes, not {SECRET_BYTES}; restore it from a copy")
    synced(folder)  # whoever made it may not have come so far yet
    synced(folder.parent)
    return found


def _make(file: Path) -> None:
    """Written whole beside it, then linked IF ABSENT: nobody reads half, nobody replaces it."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as new:
            new.write(secrets.token_bytes(SECRET_BYTES))
            new.flush()
            os.fsync(new.fileno())
        with suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()
