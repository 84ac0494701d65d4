"""Submit: the command that hands Spark a job: told, on PATH, or what `make spark` brought."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from mainstem.ports import Unavailable

VARIABLE = "MAINSTEM_SPARK"
NAME = "spark-submit"
HOME = Path(__file__).parents[1] / ".venv-spark"
JAVA_MIN = 17  # of the Spark that `make spark` brings
ELSEWHERE = ("SPARK_HOME", "PYSPARK_SUBMIT_ARGS", "PYSPARK_DRIVER_PYTHON")
# One process of one machine; it listens to nobody else.
LOCAL = ("--driver-memory", "2g", "--conf", "spark.ui.enabled=false")


class Submit(NamedTuple):
    """The words before the job's file, and what they run in."""

    command: tuple[str, ...]
    environ: Mapping[str, str]


def submit(environ: Mapping[str, str] = os.environ, home: Path = HOME) -> Submit:
    """Raises Unavailable with what to install."""
    if told := _told(environ):
        if _which(told[0], environ) is None:
            raise Unavailable(f"{VARIABLE} names {told[0]}, which is not here")
        return Submit(tuple(told), environ)
    found, ours = _which(NAME, environ), home / "bin" / NAME
    if found is None and not ours.is_file():
        raise Unavailable(
            f"Spark is not here: `make spark` brings it, or {VARIABLE} names the command that "
            "hands it a job"
        )
    _refuse_without_java(environ, JAVA_MIN if found is None else 1)
    if found is not None:
        return Submit((found,), environ)
    return Submit((str(ours), *LOCAL), _own(environ, home))


def missing(environ: Mapping[str, str] = os.environ) -> str:
    """What to install, or ""."""
    try:
        submit(environ)
    except Unavailable as no:
        return str(no)
    return ""


def _told(environ: Mapping[str, str]) -> list[str]:
    try:
        return shlex.split(environ.get(VARIABLE, ""))
    except ValueError as no:
        raise Unavailable(f"{VARIABLE} can't be read as a command: {no}") from None


def _own(environ: Mapping[str, str], home: Path) -> Mapping[str, str]:
    """Without what another Spark on this machine may have left."""
    ours = {name: value for name, value in environ.items() if name not in ELSEWHERE}
    python = str(home / "bin" / "python")
    return {**ours, "PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"}


def _refuse_without_java(environ: Mapping[str, str], least: int) -> None:
    if (found := _java(environ)) < least:
        raise Unavailable(
            f"Spark needs Java {max(least, JAVA_MIN)}, and java is {found or 'missing'}: "
            "install it, or name another with JAVA_HOME"
        )


def _java(environ: Mapping[str, str]) -> int:
    """The version of the Java that Spark would take; 0 where there is none."""
    home = environ.get("JAVA_HOME")
    java = _which(str(Path(home, "bin", "java")) if home else "java", environ)
    if java is None:
        return 0
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0


def _which(word: str, environ: Mapping[str, str]) -> str | None:
    return shutil.which(word, path=environ.get("PATH", os.defpath))
