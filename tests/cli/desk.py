"""What tests of the command line share: asking it something, and folders of domains."""

from __future__ import annotations

import io
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.main import run
from local.adapters import Adapters, adapters
from local.engine import engine
from local.locks import WORK, held
from mainstem.discovery import discover

ROOT = Path(__file__).parents[2]
DOMAINS = ROOT / "domains"
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


@dataclass(frozen=True)
class Here:
    """A folder that may not be made yet, and the domains that are asked there."""

    folder: Path
    domains: Path = DOMAINS

    def __call__(self, *args: str | Path) -> Said:
        return ask(*args, "--folder", self.folder, "--domains", self.domains)

    def after(self, *args: str) -> Said:
        """What must have gone well before the story begins."""
        said = self(*args)
        assert said.code == 0, said.err
        return said


@contextmanager
def opened(folder: Path) -> Iterator[Adapters]:
    """The ports of a folder, to look behind the commands."""
    ports = adapters(folder)
    try:
        yield ports
    finally:
        ports.close()


@contextmanager
def somebody_at_work(here: Here) -> Iterator[None]:
    """Views are moved on by somebody else, as beside `mainstem up`, while the block runs."""
    with opened(here.folder) as ports, held(here.folder, WORK) as mine:
        assert mine is not None
        running, over = engine(ports, discover(here.domains)), threading.Event()

        def work() -> None:
            while not over.wait(0.005):
                running.catch_up()

        worker = threading.Thread(target=work)
        worker.start()
        try:
            yield
        finally:
            over.set()
            worker.join()


def command(*args: str | Path) -> list[str]:
    """The command line of a process of its own."""
    return [sys.executable, "-m", "cli", *map(str, args)]


def ask_outside(
    *args: str | Path, cwd: Path, env: Mapping[str, str] | None = None, stdin: str = ""
) -> Said:
    """Asks in a process of its own, as a person does."""
    done = subprocess.run(
        command(*args), cwd=cwd, env=surroundings(env), capture_output=True, check=False,
        encoding="utf-8", errors="replace", input=stdin,
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
