"""Spark as the tests have it: two cores, one session for many statements, or the whole job."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from archive.columns import schema_of
from archive.writing import written
from mainstem import State
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.sql import select
from mainstem.sql.duck import typed_table
from tests.house.tree import ROOT

HOME = ROOT / ".venv-spark"
SESSION = Path(__file__).with_name("session.py")
SUBMIT = (
    str(HOME / "bin" / "spark-submit"),
    *("--master", "local[2]", "--driver-memory", "2g"),
    *("--conf", "spark.ui.enabled=false", "--conf", "spark.log.level=ERROR"),
    # Statements are many and small: what compiles them longer doesn't pay.
    *("--driver-java-options", "-XX:TieredStopAtLevel=1"),
)
ELSEWHERE = ("SPARK_HOME", "PYSPARK_SUBMIT_ARGS", "PYSPARK_DRIVER_PYTHON")
PARTITIONS = 2
JAVA_MIN = 17
Row = dict[str, Any]


@cache
def missing() -> str:
    """Why Spark can't be tried here, or ""."""
    if not (HOME / "bin" / "spark-submit").is_file():
        return "Spark is not installed here: `make spark` brings it"
    if _java() < JAVA_MIN:
        return f"Java {JAVA_MIN} or newer is missing: `make spark` says how to get it"
    return ""


def _java() -> int:
    """The version of the Java that Spark would take; 0 where there is none."""
    java = Path(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"
    if shutil.which(java) is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def environ() -> Mapping[str, str]:
    """Without what another Spark on this machine may have left."""
    ours = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    python = str(HOME / "bin" / "python")
    return {
        **ours, "PYSPARK_PYTHON": python, "PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"
    }  # fmt: skip


class Asked(NamedTuple):
    """A view of a domain, over events in these files: in typed columns, or as raw JSON."""

    view: type[State]
    domain: Domain
    files: Sequence[Path]
    raw: bool = False

    @property
    def relation(self) -> str:
        return "raw" if self.raw else f"{self.domain.name}_events"

    def text(self, dialect: str) -> str:
        return select(self.view, dialect, raw=self.raw)

    def to(self, rows: Path) -> dict[str, Any]:
        return {
            "view": self.text("spark"),
            "relation": self.relation,
            "events": [str(one) for one in self.files],
            "rows": str(rows),
            "partitions": PARTITIONS,
        }


def answers(folder: Path, asked: Sequence[Asked]) -> Iterator[list[Row] | str]:
    """The rows of each, by one session; or what Spark says is wrong with its statement."""
    places = [folder / f"rows-{n}" for n in range(len(asked))]
    lines = [json.dumps(one.to(rows)) for one, rows in zip(asked, places, strict=True)]
    texts = [folder / "asked", folder / "answered"]
    texts[0].write_text("\n".join(lines), encoding="utf-8")
    command = [*SUBMIT, str(SESSION), *map(str, texts)]
    done = subprocess.run(command, env=environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    said = [json.loads(line) for line in texts[1].read_text(encoding="utf-8").splitlines()]
    for one, rows, answer in zip(asked, places, said, strict=True):
        yield answer["error"] if "error" in answer else rows_in(rows, one.view)


def rows_in(folder: Path, view: type[State]) -> list[Row]:
    """In the order of ids and keys, which Spark's files are not in."""
    rows = pq.read_table(folder).to_pylist(maps_as_pydicts="strict")
    keys = ("tenant", "id", "key") if view.__keys__ else ("tenant", "id")
    return sorted(rows, key=lambda row: tuple(row[key] for key in keys))


def archived(folder: Path, domain: Domain, events: Sequence[Envelope]) -> list[Path]:
    """These events as the archive writes them, in its columns and its encodings."""
    typed, schema = typed_table(domain, events), schema_of(domain)
    there = {*typed.column_names}
    columns = [
        typed[one.name].cast(one.type) if one.name in there else pa.nulls(len(typed), one.type)
        for one in schema
    ]
    return written(folder, iter(pa.table(columns, schema=schema).to_batches()))
