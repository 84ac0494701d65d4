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
SAID = {errno.ENOSPC: FULL, errno.EDQUOT: FULL, errno.EROFS: READ_ONLY, errno.EACCES: READ_ONLY}


@contextmanager
def in_words(file: Path) -> Iterator[None]:
    """Raises Unavailable where the file can't be used."""
    try:
        yield
    except OSError as wrong:
        said = SAID.get(wrong.errno or 0, wrong.strerror or str(wrong))
        raise Unavailable(f"{wrong.filename or file}: {said}") from wrong


def synced(folder: Path) -> None:
    """What was made or taken away in it stays so."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
