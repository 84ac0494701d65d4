"""The stand-in for Kinesis fails as it is told to, and what arrives there is counted rightly."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from typing import Any

import httpx
import pytest

from benchmarks.facts import Load, load, numbered
from benchmarks.ingesting import run
from benchmarks.kinesis import arriving
from benchmarks.kinesis.arriving import Found, found
from benchmarks.kinesis.faults import FAILURE, THROTTLE, UNSAID, Faults
from benchmarks.kinesis.streams import HASHES, No, Streams
from benchmarks.peers import installed, missing
from benchmarks.serving import kinesis
from mainstem.bundle import bundled, lane_of

MANY = 60
RECORD = {"Data": b64encode(b"a parcel").decode(), "PartitionKey": "ann"}


@pytest.fixture(scope="module")
def mixed() -> Load:
    return load(MANY)


@pytest.fixture
def streams() -> Streams:
    made = Streams()
    made.create({"StreamName": "quiet", "ShardCount": 3})
    made.create({"StreamName": "rough", "ShardCount": 3, "Tags": {"seed": "7"}})
    return made


def put(streams: Streams, name: str, *records: Any) -> Any:
    return streams.put({"StreamName": name, "Records": records})


def stored(streams: Streams, name: str) -> int:
    return sum(len(shard) for shard in streams.found[name].shards)


def test_facts_are_numbered_in_the_order_in_which_they_are_sent(mixed: Load) -> None:
    lines = [one.line for one in mixed.facts]
    assert [numbered(line).at for line in lines] == [*range(1, len(lines) + 1)]
    assert [numbered(line) for line in mixed.lines] == [numbered(line) for line in lines]


def test_what_arrives_as_it_was_sent_is_found_so(mixed: Load) -> None:
    lines = [one.line for one in mixed.facts]
    assert found(lines, [iter(lines)]) == Found(late=0, lost=0, double=0)


def test_a_fact_after_a_later_one_of_the_same_aggregate_is_late() -> None:
    first, second, other = (b'{"id":"ann","at":1}', b'{"id":"ann","at":2}', b'{"id":"bob","at":3}')
    sent = [first, second, other]
    assert found(sent, [iter([other, second, first])]) == Found(late=1, lost=0, double=0)
    assert found(sent, [iter([first, second, first])]) == Found(late=0, lost=1, double=1)


def test_a_bundle_that_comes_again_is_read_once(mixed: Load) -> None:
    one = mixed.facts[0]
    record = (lane_of(one.aggregate), bundled([one.line], "shop", 1))
    assert [*arriving.bundles([record, record])] == [one.line]


def test_faults_are_the_same_for_the_same_seed() -> None:
    one, same, other = (Faults(seed) for seed in (7, 7, 8))
    drawn = [one.record() for _ in range(1_000)]
    assert drawn == [same.record() for _ in range(1_000)]
    assert drawn != [other.record() for _ in range(1_000)]
    assert one.met == same.met


def test_nothing_fails_without_a_seed(streams: Streams) -> None:
    for _ in range(100):
        assert put(streams, "quiet", *[RECORD] * 10)["FailedRecordCount"] == 0
    assert stored(streams, "quiet") == 1_000


def test_what_is_refused_is_not_stored(streams: Streams) -> None:
    for _ in range(100):
        with suppress(No):
            put(streams, "rough", *[RECORD] * 10)
    met = streams.found["rough"].faults.met
    assert all(met[what] for what in (THROTTLE, FAILURE, UNSAID))
    assert stored(streams, "rough") == 1_000 - met[THROTTLE] - met[FAILURE]


def test_a_call_that_is_not_answered_is_stored(streams: Streams) -> None:
    before = 0
    with pytest.raises(No):
        while True:
            before = stored(streams, "rough")
            put(streams, "rough", *[RECORD] * 10)
    assert streams.found["rough"].faults.met[UNSAID] == 1
    assert stored(streams, "rough") > before


def test_a_key_has_one_shard_and_every_hash_has_one(streams: Streams) -> None:
    said = put(streams, "quiet", *[RECORD] * 5)["Records"]
    assert len({one["ShardId"] for one in said}) == 1
    ranges = [one["HashKeyRange"] for one in streams.shards({"StreamName": "quiet"})["Shards"]]
    ends = [int(one["EndingHashKey"]) + 1 for one in ranges]
    assert [0, *ends] == [*(int(one["StartingHashKey"]) for one in ranges), HASHES]


@pytest.mark.parametrize("many", [0, 501])
def test_a_call_takes_from_1_to_500_records(streams: Streams, many: int) -> None:
    with pytest.raises(No, match="500"):
        put(streams, "quiet", *[RECORD] * many)


def test_what_was_put_is_read_in_its_order(streams: Streams) -> None:
    put(streams, "quiet", *[{**RECORD, "Data": data} for data in ("YQ==", "Yg==")])
    shard = streams.found["quiet"].shard_of(RECORD)
    asked = {"StreamName": "quiet", "ShardId": f"shardId-{shard:012}"}
    first = streams.read(streams.begin(asked))
    assert [one["Data"] for one in first["Records"]] == ["YQ==", "Yg=="]
    assert streams.read({"ShardIterator": first["NextShardIterator"]})["Records"] == []


@pytest.mark.slow
def test_it_speaks_as_kinesis_does() -> None:
    with kinesis() as stand_in:
        named = {"x-amz-target": "Kinesis_20131202.ListShards"}
        said = httpx.post(stand_in.address, headers=named, json={"StreamName": "nobody's"})
    assert (said.status_code, said.json()["__type"]) == (400, "ResourceNotFoundException")


@pytest.mark.skipif(installed("boto3"), reason="boto3 is here")
def test_without_boto3_the_table_says_so() -> None:
    assert missing("boto3") in run(MANY, 1).notes
