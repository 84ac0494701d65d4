"""aiokpl: facts are aggregated by the shard that their key leads to, as the KPL does it.

Its settings are those that it comes with; neither higher limits nor larger aggregates make it
quicker here, and without aggregation it takes twice as long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aiokpl import Config, Producer
from aiokpl.aggregation import MAGIC, decode_aggregated

from benchmarks.facts import Load
from benchmarks.kinesis.arriving import Record
from benchmarks.kinesis.client import KEY, REGION, SECRET
from benchmarks.measure import cpu_seconds
from mainstem.protocol.ingest import Fact


@dataclass(frozen=True)
class Aggregated:
    """One producer, whose log is silent. It waits for every fact to be there."""

    address: str

    def send(self, stream: str, mixed: Load) -> float:
        """CPU seconds, without those in which it connects."""
        logging.getLogger("aiokpl").setLevel(logging.CRITICAL)
        return asyncio.run(self._send(stream, mixed.facts))

    async def _send(self, stream: str, facts: Sequence[Fact]) -> float:
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET}
        config = Config(region=REGION, endpoint_url=self.address, **keys)
        async with Producer(config) as producer:
            started = cpu_seconds()
            told = [
                await producer.put_record(
                    stream=stream, partition_key=one.aggregate.id, data=one.line
                )
                for one in facts
            ]
            await producer.flush()
            for outcome in told:
                await outcome.wait()
            return cpu_seconds() - started


def opened(records: Iterable[Record]) -> Iterator[bytes]:
    """What is in its records; what it had not aggregated is a record of its own."""
    for _, data in records:
        if data.startswith(MAGIC):
            yield from (one.data for one in decode_aggregated(data))
        else:
            yield data
