"""boto3's client of the stand-in, and what Mainstem puts bundles with.

Retries are boto3's own where somebody relies on them. Our outbox tries again by itself, so here
each call is made once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mainstem.ports import Acknowledged, Bundle, Reading, Shard, Unknown
from mainstem.ports.feed import refuse_much

REGION = "eu-central-1"
KEY, SECRET = "nobody", "nothing"
SHARDS = 4
Records = Sequence[Mapping[str, Any]]
_encode = msgspec.json.Encoder().encode


def connected(address: str, **settings: Any) -> Any:
    """A client with these settings; its connection stays open between calls."""
    return boto3.client(
        "kinesis", endpoint_url=address, region_name=REGION,
        aws_access_key_id=KEY, aws_secret_access_key=SECRET, config=Config(**settings),
    )  # fmt: skip


@contextmanager
def stream(client: Any, name: str, seed: int | None = None) -> Iterator[str]:
    """A new stream, gone afterwards; with a seed, things go wrong there."""
    tags = {} if seed is None else {"seed": str(seed)}
    client.create_stream(StreamName=name, ShardCount=SHARDS, Tags=tags)
    try:
        yield name
    finally:
        client.delete_stream(StreamName=name)


def read(client: Any, name: str) -> Iterator[Iterator[tuple[str, bytes]]]:
    """Shard by shard, key and data of every record in order."""
    for shard in client.list_shards(StreamName=name)["Shards"]:
        asked = {"StreamName": name, "ShardId": shard["ShardId"]}
        first = client.get_shard_iterator(**asked, ShardIteratorType="TRIM_HORIZON")
        yield _records(client, first["ShardIterator"])


def met(client: Any, name: str) -> dict[str, int]:
    """How often what went wrong there."""
    tags = client.list_tags_for_stream(StreamName=name)["Tags"]
    return {one["Key"]: int(one["Value"]) for one in tags}


@dataclass
class StreamFeed:
    """As much of the Feed port as a producer needs."""

    client: Any
    name: str

    async def put(self, bundles: Sequence[Bundle]) -> Acknowledged:
        """Raises Unknown: of a call that failed nobody knows what it stored."""
        refuse_much(bundles)
        records = [{"Data": one.data, "PartitionKey": one.key} for one in bundles]
        try:
            said = self._said(records)
        except (BotoCoreError, ClientError) as no:
            raise Unknown(str(no)) from no
        return tuple(["ErrorCode" not in one for one in said["Records"]])

    async def shards(self) -> tuple[Shard, ...]:
        """Not asked of a producer."""
        raise NotImplementedError

    async def read(self, shard: str, after: int, limit: int) -> Reading:
        """Not asked of a producer."""
        raise NotImplementedError

    def _said(self, records: Records) -> Any:
        return self.client.put_records(StreamName=self.name, Records=records)


@dataclass
class EncodedFeed(StreamFeed):
    """The same, with a body of its own making, which botocore is handed before it signs.

    To write a large body takes botocore longer than all else that it does with a call.
    """

    def __post_init__(self) -> None:
        self._body = b""
        self.client.meta.events.register("before-call.kinesis.PutRecords", self._hand_over)

    def _said(self, records: Records) -> Any:
        self._body = _encode({"StreamName": self.name, "Records": records})
        return self.client.put_records(StreamName=self.name, Records=[])

    def _hand_over(self, params: dict[str, Any], **_: Any) -> None:
        params["body"] = self._body


def _records(client: Any, place: str) -> Iterator[tuple[str, bytes]]:
    while (found := client.get_records(ShardIterator=place))["Records"]:
        for one in found["Records"]:
            yield one["PartitionKey"], one["Data"]
        place = found["NextShardIterator"]
