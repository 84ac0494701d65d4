"""Every benchmark still runs, on next to nothing; how fast is nobody's business here."""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from benchmarks import columnar, consuming, disk
from benchmarks.__main__ import BENCHMARKS, as_json, as_table, main
from benchmarks.history import envelopes
from benchmarks.measure import Figure, Result, Target, percentile, rates
from benchmarks.orders import Order
from benchmarks.peers import MISSING, SQLITE, missing, replays
from mainstem.bundle import opened
from mainstem.envelope import encode
from mainstem.sql import select
from replay import submit

pytestmark = pytest.mark.slow

EVENTS = 300
MEMORY = Path("/dev/shm")


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_measures_every_contender(name: str) -> None:
    result = BENCHMARKS[name](EVENTS, 1)
    assert result.name == name
    assert result.targets or {MISSING, missing("boto3"), submit.missing()} & {*result.notes}
    assert all(figure.value > 0 for figure in result.figures)


def test_the_same_events_come_out_wherever_they_are_made() -> None:
    found = b"\n".join(encode(one) for one in envelopes(EVENTS))
    assert hashlib.sha256(found).hexdigest()[:16] == "c875a12a695ebeed"


def test_more_events_are_the_same_ones_and_others() -> None:
    few, many = envelopes(EVENTS), envelopes(2 * EVENTS)
    assert {one.id for one in few} < {one.id for one in many}
    assert [one for one in many if one.id == few[0].id] == [
        one for one in few if one.id == few[0].id
    ]


def test_the_raw_scan_reads_what_the_view_reads() -> None:
    tree = sqlglot.parse_one(select(Order), dialect="duckdb")
    events = next(one for one in tree.find_all(exp.CTE) if one.alias == "events")
    assert {*events.this.named_selects} - {"by"} == {*columnar.READ}  # nobody asks by whom


def test_a_peer_that_is_missing_is_said_to_be() -> None:
    history = envelopes(EVENTS)
    result = BENCHMARKS["incremental"](EVENTS, 1)
    assert (MISSING in result.notes) == (not replays(history, SQLITE))


def test_a_rate_is_that_of_the_median_run_after_a_warm_up() -> None:
    seconds = iter([9.0, 1.0, 2.0, 8.0])
    assert rates({"hare": lambda: next(seconds)}, times=10, runs=3) == {"hare": 5.0}


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (76, 4), (99, 4), (100, 4)])
def test_so_many_percent_do_not_exceed_it(percent: int, value: int) -> None:
    assert percentile([3, 1, 4, 2], percent) == value


def test_the_file_system_is_said_that_figures_come_from(tmp_path: Path) -> None:
    assert disk.filesystem(tmp_path) in disk.described(tmp_path)


@pytest.mark.skipif(disk.filesystem(MEMORY) not in disk.MEMORY, reason="nothing is in memory here")
def test_a_folder_in_memory_is_said_to_prove_nothing() -> None:
    assert "nothing here is durable" in disk.described(MEMORY)


def test_no_two_bundles_of_a_round_are_of_the_same_ticket() -> None:
    for rounds in (consuming.bundled(2), consuming.single(2)):
        assert sum(opened(one.key, one.data).header.count for one in chain(*rounds)) == 200
        for bundles in rounds:
            assert len({one.key for one in bundles}) == len(bundles)


RESULT = Result(
    name="racing",
    title="a tortoise and a hare",
    unit="hours",
    figures=(Figure("tortoise", 2.0), Figure("hare, asleep", 24.0)),
    targets=(
        Target("hare, against tortoise", 12.0, 10, at_least=True),
        Target("hours", 2.0, 1.5),
    ),
)


def test_a_table_shows_figures_ratios_and_verdicts() -> None:
    assert as_table(RESULT).splitlines() == [
        "racing: a tortoise and a hare, hours",
        "  tortoise         2.00    1.00x",
        "  hare, asleep     24.0    12.0x",
        "  met      hare, against tortoise: 12.0, at least 10",
        "  NOT MET  hours: 2.00, at most 1.5",
    ]


def test_json_says_the_same() -> None:
    said = json.loads(as_json(RESULT))
    assert [one["met"] for one in said["targets"]] == [True, False]
    assert said["figures"][1] == {"name": "hare, asleep", "value": 24.0}


def test_a_target_that_is_missed_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "memory", "--events", str(EVENTS), "--runs", "1", "--json"])
    assert json.loads(capsys.readouterr().out)["name"] == "memory"
