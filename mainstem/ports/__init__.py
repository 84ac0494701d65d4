"""Ports: what the protocol asks of the world, each a few methods that speak the domain.

Every method is `async` so that a simulator may stand behind it; adapters that block never yield.
"""

from mainstem.ports.clock import Clock
from mainstem.ports.feed import Acknowledged, Arrived, Bundle, Feed, Reading, Shard
from mainstem.ports.generations import Generation, Generations, Stage
from mainstem.ports.intents import Intent, Intents
from mainstem.ports.journal import (
    Claim,
    Claims,
    Hint,
    Journal,
    Kept,
    Loaded,
    Once,
    Record,
    Snapshot,
    Touched,
    Verdict,
)
from mainstem.ports.keys import Keys
from mainstem.ports.log import Log, Sealed, Source
from mainstem.ports.parks import Parked, Parks, Quarantined
from mainstem.ports.rows import Change, Changed, Entry, Head, Lane, Listed, Place, Rows, Timer
from mainstem.ports.search import Document, Hit, Search
from mainstem.ports.trouble import Contended, Corrupt, Trouble, Unavailable, Unknown

__all__ = [
    "Acknowledged",
    "Arrived",
    "Bundle",
    "Change",
    "Changed",
    "Claim",
    "Claims",
    "Clock",
    "Contended",
    "Corrupt",
    "Document",
    "Entry",
    "Feed",
    "Generation",
    "Generations",
    "Head",
    "Hint",
    "Hit",
    "Intent",
    "Intents",
    "Journal",
    "Kept",
    "Keys",
    "Lane",
    "Listed",
    "Loaded",
    "Log",
    "Once",
    "Parked",
    "Parks",
    "Place",
    "Quarantined",
    "Reading",
    "Record",
    "Rows",
    "Sealed",
    "Search",
    "Shard",
    "Snapshot",
    "Source",
    "Stage",
    "Timer",
    "Touched",
    "Trouble",
    "Unavailable",
    "Unknown",
    "Verdict",
]
