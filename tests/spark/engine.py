"""Spark as the tests have it: two cores, one session for many statements, or the whole job."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
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
from mainstem.sql import cells, select
from mainstem.sql.duck import typed_table
from replay import submit
from replay.submit import HOME, NAME, Submit
from tests.house.tree import ROOT

SESSION = Path(__file__).with_name("session.py")
OPTIONS = (
    *("--master", "local[2]", "--driver-memory", "2g"),
    *("--conf", "spark.ui.enabled=false", "--conf", "spark.log.level=ERROR"),
    # Statements are many and small: what compiles them longer doesn't pay.
    *("--driver-java-options", "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m"),
)
PARTITIONS = 2
Row = dict[str, Any]


@cache
def missing() -> str:
    """Why Spark can't be tried here, or ""."""
    if not (HOME / "bin" / NAME).is_file():
        return "Spark is not installed here: `make spark` brings it"
    return submit.missing(_environ())


def by() -> Submit:
    """The one that `make spark` brings, and our own code beside it."""
    found = submit.submit(_environ())
    command = (found.command[0], *OPTIONS)
    return Submit(command, {**found.environ, "PYTHONPATH": str(ROOT)})


def _environ() -> dict[str, str]:
    """Without another Spark that this machine may have."""
    ours = {name: value for name, value in os.environ.items() if name != submit.VARIABLE}
    folders = ours.get("PATH", os.defpath).split(os.pathsep)
    there = [one for one in folders if not Path(one, NAME).exists()]
    return {**ours, "PATH": os.pathsep.join(there)}


class Asked(NamedTuple):
    """A view of a domain, over events in these files: in typed columns, or as raw JSON."""

    view: type[State]
    domain: Domain
    files: Sequence[Path]
    raw: bool = False
    making: bool = False

    @property
    def relation(self) -> str:
        return "raw" if self.raw else f"{self.domain.name}_events"

    def text(self, dialect: str) -> str:
        return (
            cells(self.view, dialect) if self.making else select(self.view, dialect, raw=self.raw)
        )

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
    command = [*by().command, str(SESSION), *map(str, texts)]
    done = subprocess.run(command, env=by().environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, told(done.stdout + done.stderr)
    said = [json.loads(line) for line in texts[1].read_text(encoding="utf-8").splitlines()]
    for one, rows, answer in zip(asked, places, said, strict=True):
        yield answer["error"] if "error" in answer else rows_in(rows, one.view)


def told(said: str) -> str:
    """What it says for people, which is not where in Spark it was."""
    return "\n".join(line for line in said.splitlines() if not line.startswith("\tat "))[-8_000:]


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
