"""Spark: a view's rows from pinned files, by the job that clusters run, too.

Spark lives in a process and an environment of its own; nothing here imports it.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.ports import Unavailable
from mainstem.sql import cells, select
from replay.proof import ends
from replay.submit import Submit

JOB = Path(__file__).with_name("spark_job.py")
SHOWN = "shown"
# Spark tells on stdout, too, what Python told on stderr, and logs there lines of JSON.
ANSWER = re.compile(r'^\{"rows": .*\}$', re.MULTILINE)
COMPLAINT = re.compile(r"^[\w.]+(?:Exception|Error): .*$", re.MULTILINE)
POLL_S, PATIENCE_S = 0.1, 10.0
# What it says of a value that no engine can keep: whose it is, it does not say.
BEYOND = (
    "ARITHMETIC_OVERFLOW",
    "CAST_OVERFLOW",
    "NUMERIC_VALUE_OUT_OF_RANGE",
    "CAST_INVALID_INPUT",
)


class Unfoldable(Unavailable):
    """An aggregate has values that can't be folded, and Spark doesn't say which one it is."""


class Made(NamedTuple):
    """How many rows, ends and finished rows there are, and how long Spark took once it stood."""

    rows: int
    seconds: float
    ends: int = 0
    shown: int = 0


@dataclass(frozen=True)
class Job:
    """One view, and the files that its domain's events are in."""

    view: type[State]
    domain: Domain
    files: Sequence[Path]
    folder: Path  # for all that it is given and makes; every machine of Spark's sees it
    making: bool = False  # rows in the making, and how far each aggregate is
    lanes: Path | None = None  # up to where facts count
    partitions: int | None = None

    @property
    def rows(self) -> Path:
        """Where they are made, in no order but what each file has."""
        return self.folder / "rows"

    @property
    def shown(self) -> Path:
        """Where they are made as people see them, of all events."""
        return self.folder / SHOWN

    @property
    def ends(self) -> Path:
        """Where how far each aggregate is will be."""
        return self.folder / "ends"

    def arguments(self) -> list[str]:
        """The job's file and what it is given. What is long lies in files of its folder."""
        relation = f"{self.domain.name}_events"
        given = {
            "--view": self._text("view.sql", self._statement()),
            "--relation": relation,
            "--events": self._text("events.txt", "\n".join(map(_named, self.files))),
            "--rows": _named(self.rows),
        }
        if self.making:
            text = ends(relation, decided=self.domain.decided, dialect="spark")
            given |= {"--ends": self._text("ends.sql", text), "--ended": _named(self.ends)}
        if self.making and self.view.__published__:
            text = self._sorted(select(self.view, "spark"))
            given |= {"--finished": self._text("shown.sql", text), "--shown": _named(self.shown)}
        if self.lanes is not None:
            given["--lanes"] = _named(self.lanes)
        if self.partitions is not None:
            given["--partitions"] = str(self.partitions)
        return [str(JOB), *(one for pair in given.items() for one in pair)]

    def _statement(self) -> str:
        """Rows in the making lie sorted in their files, so that a part of them is found."""
        if not self.making:
            return select(self.view, "spark")
        return self._sorted(cells(self.view, "spark"))

    def _sorted(self, text: str) -> str:
        key = ", `key`" if self.view.__keys__ else ""
        return f"SELECT * FROM ({text}) SORT BY tenant, id{key}"

    def _text(self, name: str, text: str) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")
        return _named(self.folder / name)


def _named(path: Path) -> str:
    """The same wherever the job runs: a cluster's own files may be elsewhere, as in HDFS."""
    return f"file://{path.absolute()}"


def run(job: Job, by: Submit, meanwhile: Callable[[], None] = lambda: None) -> Made:
    """The job, done. Raises Unavailable with what Spark has to say, and Unfoldable.

    What `meanwhile` raises ends it.
    """
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        code = _ended([*by.command, *job.arguments()], by, (out, err), meanwhile)
        said, told = _all(out), _all(err)
    answer = ANSWER.search(said)
    if code or answer is None:
        complaint = _complaint(f"{said}\n{told}")
        kind = Unfoldable if any(word in complaint for word in BEYOND) else Unavailable
        raise kind(f"{job.view.__name__} by Spark: {complaint}")
    return Made(**json.loads(answer[0]))


def _ended(
    command: Sequence[str], by: Submit, to: tuple[IO[str], IO[str]], meanwhile: Callable[[], None]
) -> int:
    out, err = to
    try:
        job = subprocess.Popen(command, env=by.environ, stdout=out, stderr=err)  # noqa: S603
    except FileNotFoundError as no:
        raise Unavailable(f"{command[0]} is not here: it comes with Spark") from no
    try:
        while True:
            try:
                return job.wait(POLL_S)
            except subprocess.TimeoutExpired:
                meanwhile()
    finally:
        _end(job)


def _end(job: subprocess.Popen[bytes]) -> None:
    """Asked first: what it has put beside itself it takes away then."""
    job.terminate()
    try:
        job.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        job.kill()
        job.wait()


def _all(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _complaint(said: str) -> str:
    """Of all that Spark says the first line that names an error, or the last line."""
    found = COMPLAINT.search(said)
    return found[0] if found else (said.strip().splitlines() or ["it ended without a word"])[-1]
