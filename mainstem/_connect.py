"""`mainstem.connect`: the archive of a folder, for whoever asks it in Python.

What is behind it is not the language's business: a room says in the project's metadata that it is.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

GROUP = "mainstem.connect"


def connect(folder: object = "data", domains: object = "domains") -> Any:
    """To ask `.sql("SELECT …")` of the events and views that lie in this folder."""
    (room,) = entry_points(group=GROUP)
    return room.load()(folder, domains)
