"""What tests of the command line share: asking it something, and folders of domains."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.main import run

ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count(1)

SHOP = '''\
"""A shop: it sells."""

from mainstem import Event, View, count, last


class Sold(Event):
    what: str
    cents: int = 0


class Sale(View):
    what = last(Sold.what)
    sales = count(Sold)
'''


@dataclass(frozen=True)
class Said:
    """How a command line ended: its exit code, results and messages."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def ask(*args: str | Path) -> Said:
    """Asks in this process."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = run([str(arg) for arg in args])
    return Said(code, out.getvalue(), err.getvalue())


def command(*args: str | Path) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-m", "cli", *map(str, args)]


def ask_outside(*args: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Said:
    """Asks in a process of its own, as a person does."""
    done = subprocess.run(
        command(*args), cwd=cwd, env=surroundings(env), capture_output=True, check=False,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **(more or {})}


def domains(place: Path, **sources: str) -> Path:
    """A folder of domains under a name of its own, for a package is imported once."""
    folder = place / f"shop{next(NUMBERS)}"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, "utf-8")
    return folder


def recorded(folder: Path, name: str, text: str) -> Path:
    """A snapshot that was committed some time ago."""
    file = folder / "schemas" / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return file
