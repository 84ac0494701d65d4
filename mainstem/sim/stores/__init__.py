"""Stores: an adapter of every port in memory, as strong as SQLite, and as weak as the cloud."""

from mainstem.sim.stores.feed import Feed
from mainstem.sim.stores.generations import Generations
from mainstem.sim.stores.intents import Intents
from mainstem.sim.stores.journal import Journal
from mainstem.sim.stores.keys import Keys
from mainstem.sim.stores.log import Log
from mainstem.sim.stores.parks import Parks
from mainstem.sim.stores.rows import Rows
from mainstem.sim.stores.search import Search
from mainstem.sim.stores.views import Views

__all__ = [
    "Feed",
    "Generations",
    "Intents",
    "Journal",
    "Keys",
    "Log",
    "Parks",
    "Rows",
    "Search",
    "Views",
]
