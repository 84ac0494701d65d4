"""What a consumer finds on a stream: what is missing, what came twice, what came too late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from benchmarks.facts import numbered
from mainstem.bundle import opened

Record = tuple[str, bytes]
Open = Callable[[Iterable[Record]], Iterator[bytes]]


class Found(NamedTuple):
    """Of the facts that were sent."""

    late: int  # came for the first time after a later one of the same aggregate
    lost: int
    double: int


def found(sent: Iterable[bytes], shards: Iterable[Iterable[bytes]]) -> Found:
    """Facts as they were sent, and as they stand in each shard."""
    missing, highest = {numbered(line).at for line in sent}, dict[str, int]()
    late = double = 0
    for shard in shards:
        for line in shard:
            one = numbered(line)
            if one.at not in missing:
                double += 1
                continue
            missing.remove(one.at)
            late += one.at < highest.get(one.id, 0)
            highest[one.id] = max(one.at, highest.get(one.id, 0))
    return Found(late, len(missing), double)


def plain(records: Iterable[Record]) -> Iterator[bytes]:
    """A record for each fact."""
    return (data for _, data in records)


def bundles(records: Iterable[Record]) -> Iterator[bytes]:
    """What is in bundles, without those that came before by lane, producer and number."""
    known = set[tuple[str, str, int]]()
    for lane, data in records:
        bundle = opened(lane, data)
        name = (lane, bundle.header.producer, bundle.header.n)
        if name not in known:
            known.add(name)
            yield from bundle.lines
