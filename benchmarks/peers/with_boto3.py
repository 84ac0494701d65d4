"""boto3 alone: 500 records a call, and of those that were refused another call, until none is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

from benchmarks.facts import Load
from benchmarks.kinesis.client import connected
from benchmarks.measure import cpu_seconds
from mainstem.ports.feed import PUT_RECORDS_MAX


@dataclass(frozen=True)
class Plain:
    """`validated`: parameters are checked before a call, as they are unless it is told not to."""

    address: str
    validated: bool = True

    def send(self, stream: str, mixed: Load) -> float:
        """CPU seconds. What fails as a whole boto3 tries again by itself."""
        client = connected(self.address, parameter_validation=self.validated)
        started = cpu_seconds()
        for start in range(0, len(mixed.facts), PUT_RECORDS_MAX):
            records = [
                {"Data": one.line, "PartitionKey": one.aggregate.id}
                for one in mixed.facts[start : start + PUT_RECORDS_MAX]
            ]
            while records:
                said = client.put_records(StreamName=stream, Records=records)["Records"]
                records = [*compress(records, ["ErrorCode" in one for one in said])]
        return cpu_seconds() - started
