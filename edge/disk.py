"""What a disk says, in words for whoever has to mend it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mainstem.ports import Unavailable

FULL = "the disk is full; nothing was written"
READ_ONLY = "can't be written: the folder or the file is read-only"
SAID = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY}


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """Raises Unavailable where the file can't be used."""
    try:
        yield
    except OSError as wrong:
        raise unavailable(file, wrong) from wrong


def unavailable(file: Path, wrong: OSError) -> Unavailable:
    """The file, and what is the matter with it."""
    said = SAID.get(wrong.errno or 0, wrong.strerror or str(wrong))
    return Unavailable(f"{wrong.filename or file}: {said}")


def synced(place: Path) -> None:
    """A new file's name is on the disk only once its folder is."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
