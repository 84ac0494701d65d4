"""Mutants: the protocol with one change, in a process of its own, lived until somebody notices."""

from __future__ import annotations

import importlib.util
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


HANGS_S = 240


class Hangs(BaseException):
    """No life takes so long."""


class Mutant(NamedTuple):
    """One change to the text of a module, which must be there once."""

    name: str
    module: str  # in mainstem/protocol
    old: str
    new: str

    @property
    def file(self) -> Path:
        return ROOT / "mainstem" / "protocol" / f"{self.module}.py"

    def source(self) -> str:
        """The module with the change. It must fit: a mutant of code that has moved on says so."""
        text = self.file.read_text("utf-8")
        assert text.count(self.old) == 1, f"{self.name}: {self.module} has {text.count(self.old)}"
        return text.replace(self.old, self.new)


class Noticed(NamedTuple):
    """After how many lives, by which seed, and what was wrong with it. 0: nobody noticed."""

    lives: int
    seed: int
    why: str


class _Mutated(MetaPathFinder, Loader):
    """Imports one module from other text than its file has."""

    def __init__(self, module: str, file: Path, source: str) -> None:
        self._name, self._file, self._source = f"mainstem.protocol.{module}", file, source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._file, loader=self)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._source, str(self._file), "exec"), vars(module))


def lived_alone(mutant: Mutant | None, seeds: Sequence[int]) -> Noticed:
    """The same in a process of its own, since a module is imported once."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(lived, mutant, seeds).result()


def lived(mutant: Mutant | None, seeds: Sequence[int]) -> Noticed:
    """In a fresh process: how it went with this change, or without any."""
    if mutant is None:
        return _lived(seeds)
    return lived_with(mutant.module, mutant.file, mutant.source(), seeds)


def lived_with(module: str, file: Path, source: str, seeds: Sequence[int]) -> Noticed:
    """In a fresh process: how it went where one module reads so."""
    assert "mainstem.protocol.commit" not in sys.modules, "too late to change anything"
    sys.meta_path.insert(0, _Mutated(module, file, source))
    signal.signal(signal.SIGVTALRM, _hangs)
    # What goes on for ever, without a call, is noticed as well.
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_S)
    try:
        return _lived(seeds)
    except Hangs:
        return Noticed(1, 0, "it hangs")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _hangs(*_: object) -> None:
    raise Hangs


def _lived(seeds: Sequence[int]) -> Noticed:
    from mainstem.sim.life import Life
    from mainstem.sim.standard import Standard

    plan, tally = Standard(), Counter[tuple[str, str]]()
    for lives, seed in enumerate(seeds, 1):
        try:
            Life(seed, plan, tally).run()
        except Exception as error:  # noqa: BLE001  whatever it is, somebody noticed
            return Noticed(lives, seed, f"{type(error).__name__}: {error}")
    return Noticed(0, 0, "")
