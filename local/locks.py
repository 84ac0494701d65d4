"""Who may do what on a folder, one at a time. A lock ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from local.trouble import in_words

UP = "up.lock"  # `mainstem up` serves this folder
WORK = "work.lock"  # somebody consumes: the rows are theirs to write
REBUILDING = "rebuild-{}.lock"  # somebody builds another generation of this view
DECIDING = "deciding.lock"  # commands are decided beside whoever works; or claims change hands


@dataclass(frozen=True)
class Held:
    """A lock that is ours, and what others read about us in it."""

    file: IO[str]

    def say(self, **about: Any) -> None:
        """Replace what is written there. Raises Unavailable, on a full disk say."""
        number = self.file.fileno()
        with in_words(Path(self.file.name)):
            os.ftruncate(number, 0)
            os.write(number, json.dumps({"process": os.getpid(), **about}).encode())


@contextmanager
def held(folder: Path, name: str) -> Iterator[Held | None]:
    """The lock while the block runs; None where somebody else has it."""
    with _taken(folder / name, fcntl.LOCK_EX) as file:
        if file is None:
            yield None
            return
        mine = Held(file)
        mine.say()
        yield mine
        file.truncate(0)


@contextmanager
def together(folder: Path, name: str) -> Iterator[bool]:
    """The lock, while others may have it too; False where somebody has it alone."""
    with _taken(folder / name, fcntl.LOCK_SH) as file:
        yield file is not None


@contextmanager
def _taken(path: Path, how: int) -> Iterator[IO[str] | None]:
    with in_words(path):
        file = path.open("a+", encoding="utf-8")
    with file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield file


def holder(folder: Path, name: str) -> dict[str, Any] | None:
    """What whoever has the lock says of itself; None where nobody has it."""
    with held(folder, name) as mine:
        if mine is not None:
            return None
    try:
        found: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # it is just being written
    return found
