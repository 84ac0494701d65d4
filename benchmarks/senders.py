"""Who sends facts onto a stream, and how what each of them sends is read again."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from benchmarks.facts import TAKER, Load
from benchmarks.kinesis.arriving import Open, bundles, plain
from benchmarks.kinesis.client import EncodedFeed, StreamFeed, connected
from benchmarks.measure import cpu_seconds
from benchmarks.peers import installed, with_boto3
from local.clock import WallClock
from mainstem.protocol.ingest import Fact
from producers.forwarding import Forwarder
from producers.loading import ROWS_A_KEEP
from producers.log import FileLog
from producers.sending import FACTS_A_KEEP

PEERS = ("async-kinesis", "aiokpl")
MINE = "Mainstem, stored on the disk"
BOTO3, UNCHECKED = "boto3, put_records", "boto3, put_records, no validation"
ASYNC_MANY, KPL_MANY = 5_000, 20_000  # so that none takes minutes
ROUGH_A_KEEP = 1_000  # as many bundles as there may be, for as much as may go wrong
PATIENCE_S = 60
T = TypeVar("T")
Send = Callable[[str, Load], float]


class Sender(NamedTuple):
    """CPU seconds to send facts onto a stream; `many` of them, where they would take long."""

    send: Send
    many: int | None = None


@dataclass(frozen=True)
class Mine:
    """What a producer of ours does: store, then forward from there."""

    address: str
    folder: Path
    a_keep: int = ROWS_A_KEEP  # as `mainstem ingest`
    feed: type[StreamFeed] = EncodedFeed

    def send(self, stream: str, mixed: Load) -> float:
        """CPU seconds."""
        return self._kept(stream, cut(mixed.facts, self.a_keep))

    def send_lines(self, stream: str, mixed: Load) -> float:
        """From JSON that nobody has checked."""
        parts = cut(mixed.lines, self.a_keep)
        return self._kept(stream, ([_taken(line) for line in some] for some in parts))

    def _kept(self, stream: str, parts: Iterator[list[Fact]]) -> float:
        """All of it is on the stream afterwards."""
        client = connected(
            self.address, parameter_validation=False, retries={"total_max_attempts": 1}
        )
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            log = FileLog(Path(place))
            forwarder = Forwarder(log, self.feed(client, stream), WallClock())
            try:
                return _spent(forwarder, parts)
            finally:
                forwarder.close()
                log.close()


def senders(address: str, folder: Path) -> dict[str, Sender]:
    """Ours first, then those of the peers that are installed."""
    mine = Mine(address, folder)
    found = {
        MINE: Sender(mine.send),
        f"  {FACTS_A_KEEP:,} at a time": Sender(replace(mine, a_keep=FACTS_A_KEEP).send),
        "  with the JSON that botocore writes": Sender(replace(mine, feed=StreamFeed).send),
        "  from JSON that is checked first": Sender(mine.send_lines),
        BOTO3: Sender(with_boto3.Plain(address).send),
        UNCHECKED: Sender(with_boto3.Plain(address, validated=False).send),
    }
    return found | {name: one for name, (one, _) in _others(address).items()}


def rough(address: str, folder: Path) -> dict[str, tuple[Send, Open]]:
    """Those of whom it is counted what arrived."""
    found: dict[str, tuple[Send, Open]] = {
        MINE: (Mine(address, folder, ROUGH_A_KEEP).send, bundles),
        BOTO3: (with_boto3.Plain(address).send, plain),
    }
    return found | {name: (one.send, its) for name, (one, its) in _others(address).items()}


def cut(many: Sequence[T], size: int) -> Iterator[list[T]]:
    """So many at a time."""
    return ([*many[n : n + size]] for n in range(0, len(many), size))


def _others(address: str) -> dict[str, tuple[Sender, Open]]:
    found: dict[str, tuple[Sender, Open]] = {}
    if installed("async-kinesis"):
        from benchmarks.peers import with_async_kinesis as keyed

        found["async-kinesis, keyed"] = (Sender(keyed.Keyed(address).send, ASYNC_MANY), plain)
    if installed("aiokpl"):
        from benchmarks.peers import with_aiokpl as kpl

        found["aiokpl, aggregated"] = (Sender(kpl.Aggregated(address).send, KPL_MANY), kpl.opened)
    return found


def _taken(line: bytes) -> Fact:
    fact = TAKER.take(line, 0)
    assert isinstance(fact, Fact)
    return fact


def _spent(forwarder: Forwarder, parts: Iterator[list[Fact]]) -> float:
    gc.collect()
    started = cpu_seconds()
    forwarder.start()
    for some in parts:
        forwarder.keep(some)
    assert forwarder.flush(PATIENCE_S), f"it does not get there: {forwarder.trouble}"
    return cpu_seconds() - started
