"""The job's file is shipped alone, and what it is given fits where it is given."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from domains import tickets
from domains.tickets import Ticket
from mainstem.discovery import domain_of
from mainstem.ports import Unavailable
from mainstem.sql import select
from replay.spark import JOB, Job, Made, run
from replay.submit import Submit
from tests.house.imports import imported

FILES = [Path("lake", f"{n:032x}.parquet") for n in range(9_000)]
ARGUMENT_BYTES_MAX = 10_240  # of EMR Serverless
ENVIRONMENT = {"PATH": os.defpath}


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(Ticket, domain_of(tickets), FILES, tmp_path, partitions=64)


def test_the_jobs_file_needs_pyspark_and_nothing_else() -> None:
    roots = {name.split(".")[0] for _, name in imported(ast.parse(JOB.read_text("utf-8")))}
    assert roots - sys.stdlib_module_names == {"pyspark"}


def test_nothing_of_spark_is_imported_before_it_is_used() -> None:
    from replay import spark_job

    assert spark_job.SETTINGS
    assert "pyspark" not in sys.modules


def test_what_is_long_lies_in_files_beside_the_job(job: Job, tmp_path: Path) -> None:
    file, *given = job.arguments()
    assert file == str(JOB)
    assert dict(zip(given[::2], given[1::2], strict=True)) == {
        "--view": f"file://{tmp_path}/view.sql",
        "--relation": "tickets_events",
        "--events": f"file://{tmp_path}/events.txt",
        "--rows": f"file://{tmp_path}/rows",
        "--partitions": "64",
    }
    assert (tmp_path / "view.sql").read_text("utf-8") == select(Ticket, "spark")
    assert (tmp_path / "events.txt").read_text("utf-8").splitlines() == [
        f"file://{Path.cwd() / one}" for one in FILES
    ]
    assert max(len(one) for one in given) < ARGUMENT_BYTES_MAX


def says(line: str, *, code: int = 0) -> Submit:
    """A `spark-submit` that only says something."""
    log = '{"ts": 1, "msg": "no.Exception: of ours"}'
    return shell(f"echo INFO >&2; echo '{log}'; echo '{line}'; echo WARN; exit {code}")


def shell(text: str) -> Submit:
    return Submit(("sh", "-c", text), ENVIRONMENT)


def test_one_line_says_how_much_there_is(job: Job) -> None:
    line = '{"rows": 7, "ends": 5, "seconds": 0.5}'
    assert run(job, says(line)) == Made(rows=7, seconds=0.5, ends=5)


@pytest.mark.parametrize(
    ("submit", "why"),
    [
        (says("a.b.AnalysisException: [NO_TABLE] x", code=1), r"Spark: a\.b\.Analysis.* x$"),
        (says("nothing of worth"), "Ticket by Spark: INFO"),
        (shell("echo INFO; echo Killed >&2; exit 137"), "Ticket by Spark: Killed"),
        (shell("exit 1"), "it ended without a word"),
        (Submit(("no-such-spark-submit",), ENVIRONMENT), "no-such-spark-submit is not here"),
    ],
)
def test_what_spark_says_when_it_fails_is_told(job: Job, submit: Submit, why: str) -> None:
    with pytest.raises(Unavailable, match=why):
        run(job, submit)
