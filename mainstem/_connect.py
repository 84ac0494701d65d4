"""`mainstem.connect`: the archive of a folder or of a bucket, for whoever asks it in Python.

What is behind it is not the language's business: a room says in the project's metadata that it is.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

GROUP = "mainstem.connect"


def connect(folder: str | Path = "data", domains: str | Path = "domains") -> Any:
    """To ask `.sql("SELECT …")` of the events and views that lie there."""
    (room,) = entry_points(group=GROUP)
    return room.load()(Path(folder), Path(domains))
