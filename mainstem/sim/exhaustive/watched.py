"""Ports that hold nothing: a call of theirs waits until the search says what came of it."""

from __future__ import annotations

from typing import cast

from mainstem.ports import Feed, Generations, Journal, Parks, Rows
from mainstem.sim.call import Watched

JOURNAL = cast("Journal", Watched("journal"))
FEED = cast("Feed", Watched("feed"))
ROWS = cast("Rows", Watched("rows"))
PARKS = cast("Parks", Watched("parks"))
GENERATIONS = cast("Generations", Watched("generations"))
