"""What is on a feed, beside what was said: what is lost, double, or out of order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from mainstem.bundle import opened
from mainstem.ports import Arrived, Feed, Lane
from mainstem.protocol.drive import drive
from mainstem.protocol.lanes import advanced
from mainstem.protocol.received import Received

EVERY = 1_000_000
NOTHING = Lane(0, 0, 0, {})


class Counted(NamedTuple):
    """As a consumer sees it, who drops bundles that it knows."""

    lost: int
    double: int
    disordered: int
    resent: int  # bundles that came again, and were known for it


def counted(feed: Feed, said: Mapping[str, Sequence[int]]) -> Counted:
    """`said`: of each id, the numbers that its facts carry in `nth`, in order."""
    found: dict[str, list[int]] = {one: [] for one in said}
    lanes: dict[str, Lane] = {}
    resent = 0
    for arrived in everything(feed):
        record = Received(arrived, opened(arrived.key, arrived.data))
        fresh, lanes[arrived.key] = advanced(lanes.get(arrived.key, NOTHING), record)
        resent += not fresh
        for line in record.bundle.lines if fresh else ():
            event = json.loads(line)
            found[event["id"]].append(event["data"]["nth"])
    lost = sum(len(set(numbers) - set(found[one])) for one, numbers in said.items())
    double = sum(sum(Counter(numbers).values()) - len(set(numbers)) for numbers in found.values())
    disordered = sum(
        earlier > later for numbers in found.values() for earlier, later in pairwise(numbers)
    )
    return Counted(lost, double, disordered, resent)


def everything(feed: Feed) -> list[Arrived]:
    """In the order of its sequences."""
    shards = [one.name for one in drive(feed.shards())]
    records = [one for shard in shards for one in drive(feed.read(shard, 0, EVERY)).records]
    return sorted(records, key=lambda one: one.sequence)
