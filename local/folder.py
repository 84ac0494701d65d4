"""The folder: all there is of Mainstem on one machine. It has a format, and says which."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.disk import synced
from local import feed_schema, journal_schema, search_schema, views_schema
from local.store import Store
from local.trouble import Foreign, in_words
from mainstem.ports import Corrupt, Unavailable

FORMAT = 1
PAGE_BYTES = 4096
# The truth: records, claims and the feed, in one file, so that they are lost or kept in one order.
JOURNAL = (*journal_schema.TABLES, *feed_schema.TABLES)
FILES = {"journal": JOURNAL, "views": views_schema.TABLES, "search": search_schema.TABLES}


@dataclass(frozen=True)
class Folder:
    """Its files, open."""

    path: Path
    journal: Store
    views: Store
    search: Store

    def close(self) -> None:
        """Let go of every file."""
        for store in (self.journal, self.views, self.search):
            store.close()


def opened(path: Path, *, create: bool = True) -> Folder:
    """The folder at this path, made if need be. Raises Unavailable or Corrupt, in words."""
    with in_words(path):
        if not _made(path):
            if not create:
                raise Unavailable(f"{path}: no Mainstem folder; `mainstem up` or `ask` makes one")
            _make(path)
    return Folder(path, *(Store(path / f"{name}.db") for name in FILES))


def _made(path: Path) -> bool:
    about = path / "mainstem.json"
    if not about.is_file():
        if path.is_dir() and any(path.iterdir()) and not (path / "mainstem.new").is_file():
            if about.is_file():  # somebody finished making it while we looked
                return _made(path)
            raise Foreign(f"{path}: holds other things; name a folder of its own")
        return False
    try:
        found = json.loads(about.read_text("utf-8"))["format"]
    except (ValueError, KeyError, TypeError):
        raise Corrupt(f"{about}: is damaged; it says {{'format': {FORMAT}}} otherwise") from None
    if found != FORMAT:
        raise Foreign(f"{path}: is of format {found}; this Mainstem reads format {FORMAT}")
    return True


def _make(path: Path) -> None:
    """`mainstem.json` comes last: what is half made is made again, what is made stays."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path / "mainstem.new").open("a") as new:
        # SQLite does not wait where two turn a file to WAL at once; so they wait here.
        fcntl.flock(new, fcntl.LOCK_EX)
        if not (path / "mainstem.json").is_file():
            _fill(path)
    (path / "mainstem.new").unlink(missing_ok=True)
    for place in (path, path.parent):
        synced(place)


def _fill(path: Path) -> None:
    for name, tables in FILES.items():
        create(path / f"{name}.db", tables)
    draft = path / f"mainstem.{os.getpid()}"
    draft.write_text(f"{json.dumps({'format': FORMAT})}\n", "utf-8")
    synced(draft)
    draft.replace(path / "mainstem.json")


def create(file: Path, tables: tuple[str, ...]) -> None:
    """Safe to do twice."""
    with in_words(file), closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as made:
        file.chmod(0o600)
        made.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        made.execute("PRAGMA journal_mode = WAL")
        made.execute("BEGIN IMMEDIATE")
        for table in tables:
            made.execute(table)
        made.execute("COMMIT")
