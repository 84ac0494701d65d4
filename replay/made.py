"""Made: where what Spark makes for a generation lies, and how it goes."""

from __future__ import annotations

import shutil
from pathlib import Path

from mainstem.ports import Generation

MADE = ".spark"


def place_of(archive: Path, generation: Generation) -> Path:
    """Where what Spark makes for it is put."""
    return archive / MADE / f"{generation.sink}-{generation.number}"


def sweep(place: Path) -> None:
    """What jobs have left behind that were ended in the middle."""
    for one in place.parent.glob(f"{place.name}.*"):
        shutil.rmtree(one, ignore_errors=True)


def forget(archive: Path, generation: Generation) -> None:
    """What Spark has made for it, once nobody needs it."""
    place = place_of(archive, generation)
    sweep(place)
    shutil.rmtree(place, ignore_errors=True)
