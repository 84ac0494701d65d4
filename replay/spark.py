"""Spark: a view's rows from pinned files, by the job that clusters run, too.

Spark lives in a process and an environment of its own; nothing here imports it.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.ports import Unavailable
from mainstem.sql import select

JOB = Path(__file__).with_name("spark_job.py")
# Spark tells on stdout, too, what Python told on stderr, and logs there lines of JSON.
ANSWER = re.compile(r'^\{"rows": .*\}$', re.MULTILINE)
COMPLAINT = re.compile(r"^[\w.]+(?:Exception|Error): .*$", re.MULTILINE)


class Made(NamedTuple):
    """How many rows there are, and how long Spark took once it stood."""

    rows: int
    seconds: float


@dataclass(frozen=True)
class Job:
    """One view, and the files that its domain's events are in."""

    view: type[State]
    domain: Domain
    files: Sequence[Path]
    rows: Path  # a folder that isn't there yet
    partitions: int | None = None

    def arguments(self, texts: Path) -> list[str]:
        """The job's file and what it is given. What is long lies in files of this folder."""
        view, events = texts / "view.sql", texts / "events.txt"
        view.write_text(select(self.view, "spark"), encoding="utf-8")
        events.write_text("\n".join(map(str, self.files)), encoding="utf-8")
        given = {
            "--view": view,
            "--relation": f"{self.domain.name}_events",
            "--events": events,
            "--rows": self.rows,
        }
        if self.partitions is not None:
            given["--partitions"] = str(self.partitions)
        return [str(JOB), *(str(one) for pair in given.items() for one in pair)]


def run(
    job: Job,
    submit: Sequence[str] = ("spark-submit", "--master", "local[*]"),
    environ: Mapping[str, str] = os.environ,
) -> Made:
    """The job, done. Raises Unavailable with what Spark has to say."""
    with TemporaryDirectory() as texts:
        command = [*submit, *job.arguments(Path(texts))]
        try:
            done = subprocess.run(  # noqa: S603  our own job, and no shell
                command, env=environ, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as no:
            raise Unavailable(f"{submit[0]} is not here: it comes with Spark") from no
    answer = ANSWER.search(done.stdout)
    if done.returncode or answer is None:
        raise Unavailable(f"{job.view.__name__} by Spark: {_complaint(done)}")
    return Made(**json.loads(answer[0]))


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Of all that Spark says the first line that names an error, or the last line."""
    said = "\n".join((done.stdout, done.stderr))
    found = COMPLAINT.search(said)
    return found[0] if found else (said.strip().splitlines() or ["it ended without a word"])[-1]
