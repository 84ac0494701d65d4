"""Renewing: what follows from the journal is made anew, where it was lost or is not to be believed.

Rows, lists, words and checkpoints come back from the journal and the feed. What does not come back
is what nobody else has: effects that were due and not done.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from local.folder import FILES, create
from local.locks import UP, WORK, held
from local.trouble import in_words
from mainstem.ports import Unavailable

DERIVED = ("views", "search")  # together: words are kept by the numbers that views gives out
ASIDE = ".aside"


def renew(path: Path) -> list[Path]:
    """Makes the files that follow anew, empty, and says where the old ones are put aside.

    The next `up` or command folds everything. Raises Unavailable while somebody is at work.
    """
    with ExitStack() as locks:
        for name in (UP, WORK):
            if locks.enter_context(held(path, name)) is None:
                raise Unavailable(f"{path}: somebody is at work here; stop `mainstem up` first")
        with in_words(path):
            return [aside for name in DERIVED for aside in _renewed(path / f"{name}.db")]


def _renewed(file: Path) -> list[Path]:
    for beside in ("-wal", "-shm"):  # of no use without the file they belong to
        file.with_name(file.name + beside).unlink(missing_ok=True)
    aside = file.with_name(file.name + ASIDE)
    kept = [file.replace(aside)] if file.exists() else []
    create(file, FILES[file.stem])
    return kept
