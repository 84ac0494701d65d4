"""Lag: how many records of the feed a generation has not consumed."""

from __future__ import annotations

from collections.abc import Mapping

from local.adapters import Adapters
from local.settle import current
from mainstem.discovery import Domain
from mainstem.ports import Generation
from mainstem.protocol.drive import drive
from mainstem.sink import sinks_of


def lags(ports: Adapters, domains: Mapping[str, Domain]) -> list[int]:
    """Those of every generation that is read."""
    found = (current(ports, sink) for sink in sinks_of(domains))
    return [lag(ports, one) for one in found if one is not None]


def lag(ports: Adapters, generation: Generation) -> int:
    """Over all shards; counted as far as the feed counts."""
    positions = ports.checkpoints.positions(generation)
    found = 0
    for shard in drive(ports.feed.shards()):
        reading = drive(ports.feed.read(shard.name, positions.get(shard.name, 0), 1))
        found += len(reading.records) + reading.behind
    return found
