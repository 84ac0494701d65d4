"""Every port of one folder, put together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from local.checkpoints import Checkpoints
from local.clock import WallClock
from local.feed import Feed
from local.folder import Folder, opened
from local.generations import Generations
from local.intents import Intents
from local.journal import Journal
from local.keys import Keys
from local.parks import Parks
from local.rows import Rows
from local.search import Search


@dataclass(frozen=True)
class Adapters:
    """What the protocol is handed on one machine."""

    folder: Folder
    clock: WallClock
    keys: Keys
    journal: Journal
    feed: Feed
    rows: Rows
    parks: Parks
    generations: Generations
    intents: Intents
    checkpoints: Checkpoints
    search: Search

    def close(self) -> None:
        """Nothing here is used any more."""
        self.clock.stop()
        self.folder.close()


def adapters(path: Path, *, create: bool = True) -> Adapters:
    """Those of the folder at this path. Raises Unavailable or Corrupt, in words."""
    folder = opened(path, create=create)
    return Adapters(
        folder,
        WallClock(),
        Keys(path / "keys"),
        Journal(folder.journal),
        Feed(folder.journal),
        Rows(folder.views),
        Parks(folder.views),
        Generations(folder.views),
        Intents(folder.views),
        Checkpoints(folder.views),
        Search(folder.search),
    )
