"""What rebuilds by Spark are tried on: the real one, and commands that only behave like one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from domains.channels import Create, Join, Send
from local.archiving import ARCHIVE
from local.rebuilding import Rebuilding
from replay.engines import SPARK
from replay.made import MADE
from replay.submit import VARIABLE
from tests.local.rebuilds import TICKET, lively, of
from tests.protocol.plant import Plant
from tests.spark.engine import by

MESSAGE = "channels.Message"
# A cluster's own files are not those of this machine.
ELSEWHERE = ("--conf", "spark.hadoop.fs.defaultFS=hdfs://nowhere")
HALF = """while [ $# -gt 0 ]; do
    at="${2#file://}"
    if [ "$1" = --rows ]; then mkdir -p "$at" && echo half > "$at/part-0.parquet"; fi
    shift
done
kill -9 $PPID
"""


def by_spark(works: Plant, sink: str = TICKET) -> Rebuilding:
    return replace(of(works, sink), asked=SPARK)


def busy(works: Plant) -> None:
    """Tickets, visitors, and channels in which something is said."""
    lively(works)
    for n in range(4):
        works.ask("channels", Create(name=f"Room {n}"), f"c{n}")
        works.ask("channels", Join(), f"c{n}")
        for text in ("hello", "is anybody there?"):
            works.ask("channels", Send(text=text), f"c{n}")
    works.engine.catch_up()


def left_behind(works: Plant) -> list[str]:
    """What Spark has made and nobody has taken away."""
    place = works.ports.folder.path / ARCHIVE / MADE
    return sorted(one.name for one in place.iterdir()) if place.is_dir() else []


def real(monkeypatch: pytest.MonkeyPatch) -> None:
    found = by()
    monkeypatch.setenv(VARIABLE, shlex.join([*found.command, *ELSEWHERE]))
    for name in ("PYSPARK_PYTHON", "SPARK_LOCAL_IP"):
        monkeypatch.setenv(name, found.environ[name])


def script(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    """A command that is given what Spark would be."""
    (folder / "spark.sh").write_text(text, "utf-8")
    monkeypatch.setenv(VARIABLE, shlex.join(["sh", str(folder / "spark.sh")]))
