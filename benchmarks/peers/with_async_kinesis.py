"""async-kinesis: a record a fact, under the key of its aggregate, as its documentation says.

Its limits are left as they are, a thousand records a second: with higher ones it takes more CPU,
for it sums up over and over what it has sent in the last second.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from aiobotocore.session import AioSession
from kinesis import Producer
from kinesis.processors import StringProcessor

from benchmarks.facts import Load
from benchmarks.kinesis.client import KEY, REGION, SECRET
from benchmarks.measure import cpu_seconds

BATCH = 499  # of what it has to send again it collects one more, and Kinesis takes 500


@dataclass(frozen=True)
class Keyed:
    """One producer, whose log is silent."""

    address: str

    def send(self, stream: str, mixed: Load) -> float:
        """CPU seconds, without those in which it connects."""
        logging.getLogger("kinesis").setLevel(logging.CRITICAL)
        told = [(one.aggregate.id, one.line.decode()) for one in mixed.facts]
        return asyncio.run(self._send(stream, told))

    async def _send(self, stream: str, told: Sequence[tuple[str, str]]) -> float:
        session = AioSession()
        session.set_credentials(KEY, SECRET)
        async with Producer(
            stream, session=session, endpoint_url=self.address, region_name=REGION,
            processor=StringProcessor(), batch_size=BATCH, use_list_shards=True,
        ) as producer:  # fmt: skip
            started = cpu_seconds()
            for id, line in told:
                await producer.put(line, partition_key=id)
            await producer.flush()
            return cpu_seconds() - started
