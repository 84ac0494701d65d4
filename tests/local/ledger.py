"""The truth of one's own: journal.db, which other processes can open as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.feed import Feed
from local.folder import JOURNAL, create
from local.journal import Journal
from tests.local.cupboard import store


def truth(place: Path) -> Path:
    file = place / "journal.db"
    create(file, JOURNAL)
    return file


@contextmanager
def journal(file: Path) -> Iterator[Journal]:
    with store(file) as opened:
        yield Journal(opened)


@contextmanager
def feed(file: Path) -> Iterator[Feed]:
    with store(file) as opened:
        yield Feed(opened)
