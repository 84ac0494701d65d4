"""What SQLite and the disk say, in words for whoever has to mend it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge.disk import FULL, READ_ONLY, unavailable
from mainstem.ports import Corrupt, Trouble, Unavailable


class Foreign(Trouble):
    """A folder that is not ours to use: other things, or another format."""


SAID = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "can't be opened: it is missing, read-only, or not yours to read",
    sqlite3.SQLITE_BUSY: "another process has been writing for too long; try again",
    sqlite3.SQLITE_LOCKED: "another process has been writing for too long; try again",
    sqlite3.SQLITE_IOERR: "the disk failed, or is full",
    sqlite3.SQLITE_PERM: "is not yours to write",
}
COPY = "restore the whole folder from a copy"
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class in_words:  # noqa: N801  read as the word it stands for: `with in_words(file):`
    """Raises Unavailable or Corrupt where the file can't be used."""

    __slots__ = ("file",)

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> None: ...

    def __exit__(self, _: object, wrong: BaseException | None, __: object) -> None:
        if isinstance(wrong, sqlite3.DatabaseError):
            _reword(self.file, wrong)
        if isinstance(wrong, OSError):
            raise unavailable(self.file, wrong) from wrong


def _reword(file: Path, wrong: sqlite3.DatabaseError) -> None:
    code = getattr(wrong, "sqlite_errorcode", 0) & 0xFF
    if code in DAMAGED:
        raise Corrupt(f"{file}: is damaged ({wrong}); nothing was changed; {COPY}") from wrong
    if "no such table" in str(wrong):
        raise Corrupt(f"{file}: is empty, or was cut off; {COPY}") from wrong
    if code in SAID:
        raise Unavailable(f"{file}: {SAID[code]}") from wrong
