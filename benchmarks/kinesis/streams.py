"""Streams of the stand-in: shards in memory, and what Kinesis says of them.

Records of a call are stored in the order in which they stand there, which Kinesis doesn't promise.
A shard takes as much as is brought, which Kinesis doesn't do either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from itertools import count
from typing import Any

from benchmarks.kinesis.faults import FAILURE, Faults
from mainstem.ports.feed import PUT_BYTES_MAX, PUT_RECORDS_MAX

HASHES = 2**128
READ_BYTES_MAX = 10 * 1024 * 1024
READ_RECORDS_MAX = 10_000
Said = dict[str, Any]
Asked = Mapping[str, Any]


class No(Exception):
    """What isn't done, and why."""

    def __init__(self, kind: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.kind, self.status = kind, status


@dataclass
class Stream:
    """Its records, a list a shard."""

    shards: Sequence[list[Said]]
    faults: Faults = field(default_factory=Faults)

    def shard_of(self, record: Asked) -> int:
        """By the hash of its key, or the one that it brings."""
        said = record.get("ExplicitHashKey")
        found = int(said) if said else int.from_bytes(md5(record["PartitionKey"].encode()).digest())
        return found * len(self.shards) // HASHES

    def described(self) -> list[Said]:
        """Every shard, and whose hashes it has."""
        many = len(self.shards)
        return [
            {
                "ShardId": _named(n),
                "HashKeyRange": {
                    "StartingHashKey": str(-(-n * HASHES // many)),
                    "EndingHashKey": str(-(-(n + 1) * HASHES // many) - 1),
                },
                "SequenceNumberRange": {"StartingSequenceNumber": "1"},
            }
            for n in range(many)
        ]


class Streams:
    """All of them by name, and one method an action."""

    def __init__(self) -> None:
        self.found: dict[str, Stream] = {}
        self.sequences = count(1)
        self.actions: Mapping[str, Callable[[Asked], Said]] = {
            "CreateStream": self.create,
            "DeleteStream": self.delete,
            "DescribeStream": self.describe,
            "GetRecords": self.read,
            "GetShardIterator": self.begin,
            "ListShards": self.shards,
            "ListTagsForStream": self.tags,
            "PutRecords": self.put,
        }

    def create(self, asked: Asked) -> Said:
        """The tag `seed` says that things go wrong there, and which."""
        seed = asked.get("Tags", {}).get("seed")
        shards = [list[Said]() for _ in range(asked["ShardCount"])]
        self.found[asked["StreamName"]] = Stream(shards, Faults(seed and int(seed)))
        return {}

    def delete(self, asked: Asked) -> Said:
        """With all that it holds."""
        del self.found[self._name(asked)]
        return {}

    def describe(self, asked: Asked) -> Said:
        """Active, always."""
        name = self._name(asked)
        described = {
            "StreamName": name,
            "StreamARN": f"arn:aws:kinesis:eu-central-1:000000000000:stream/{name}",
            "StreamStatus": "ACTIVE",
            "Shards": self.found[name].described(),
            "HasMoreShards": False,
            "RetentionPeriodHours": 24,
            "StreamCreationTimestamp": 0,
            "EnhancedMonitoring": [],
        }
        return {"StreamDescription": described}

    def shards(self, asked: Asked) -> Said:
        """They are few, so there is no next page."""
        return {"Shards": self._stream(asked).described()}

    def tags(self, asked: Asked) -> Said:
        """How often what went wrong."""
        met = self._stream(asked).faults.met
        return {
            "Tags": [{"Key": key, "Value": str(many)} for key, many in sorted(met.items())],
            "HasMoreTags": False,
        }

    def put(self, asked: Asked) -> Said:
        """Record by record; some are refused, and of some calls nobody hears."""
        stream, records = self._stream(asked), asked["Records"]
        _refuse_much(records)
        said = [self._one(stream, record) for record in records]
        if stream.faults.unsaid():
            raise No(FAILURE, "nobody knows what became of it", 500)
        return {"FailedRecordCount": sum("ErrorCode" in one for one in said), "Records": said}

    def begin(self, asked: Asked) -> Said:
        """Always with the oldest."""
        return {"ShardIterator": f"{self._name(asked)}/{int(asked['ShardId'][-12:])}/0"}

    def read(self, asked: Asked) -> Said:
        """As much as Kinesis gives at once."""
        name, shard, start = asked["ShardIterator"].rsplit("/", 2)
        records, size = list[Said](), 0
        for one in self.found[name].shards[int(shard)][int(start) :][:READ_RECORDS_MAX]:
            size += _size(one)
            if records and size > READ_BYTES_MAX:
                break
            records.append(one)
        after = f"{name}/{shard}/{int(start) + len(records)}"
        return {"Records": records, "NextShardIterator": after, "MillisBehindLatest": 0}

    def _one(self, stream: Stream, record: Asked) -> Said:
        why = stream.faults.record()
        if why is not None:
            return {"ErrorCode": why, "ErrorMessage": "not stored"}
        shard, sequence = stream.shard_of(record), str(next(self.sequences))
        kept = {"SequenceNumber": sequence, "Data": record["Data"]}
        stream.shards[shard].append({**kept, "PartitionKey": record["PartitionKey"]})
        return {"SequenceNumber": sequence, "ShardId": _named(shard)}

    def _stream(self, asked: Asked) -> Stream:
        return self.found[self._name(asked)]

    def _name(self, asked: Asked) -> str:
        name: str = asked["StreamName"]
        if name not in self.found:
            raise No("ResourceNotFoundException", f"there is no stream {name}")
        return name


def _refuse_much(records: Sequence[Asked]) -> None:
    if not 0 < len(records) <= PUT_RECORDS_MAX:
        raise No(
            "ValidationException",
            f"Member must have length less than or equal to {PUT_RECORDS_MAX}",
        )
    if sum(map(_size, records)) > PUT_BYTES_MAX:
        raise No("InvalidArgumentException", f"more than {PUT_BYTES_MAX} bytes")


def _size(record: Asked) -> int:
    """What it takes with its key, once it is out of base64."""
    data: str = record["Data"]
    key: str = record["PartitionKey"]
    return len(data) * 3 // 4 - data[-2:].count("=") + len(key.encode())


def _named(shard: int) -> str:
    return f"shardId-{shard:012}"
