"""A newcomer's workshop: a copy of the domains, where a page's files and commands are tried."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks, unkept

# What a page's commands are here. Others, such as `make env`, are for the reader only.
PROGRAMS = {
    "mainstem": ("-m", "cli"),
    "pytest": ("-m", "pytest", "-p", "no:cacheprovider"),
    "python": (),
}
# A make target that is a command, without the environment that make sees to.
SHORT = {"make demo": "mainstem demo"}
# Whoever has followed the pages has this already, and the tests must still pass.
MADE_BY_PAGES = "guestbook.*"


class Workshop:
    """Made in an empty folder, it does what a page says, and tells what went otherwise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: set[str] = set()
        ignored = shutil.ignore_patterns("__pycache__", MADE_BY_PAGES)
        shutil.copytree(ROOT / "domains", folder / "domains", ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def follow(self, page: str) -> Iterator[str]:
        """Each line that the page promises and its commands don't print."""
        output = ""
        for block in blocks(page):
            if block.file:
                self.write(block)
            elif block.language == "sh":
                output = "".join(map(self.run, block.text.splitlines()))
            elif block.language == "text" and output:
                yield from unkept(block.text, output)
            else:
                output = ""

    def write(self, block: Block) -> None:
        """A page's first block of a file replaces it, later ones go on."""
        file = self.folder / block.file
        before = f"{file.read_text(encoding='utf-8')}\n\n" if block.file in self.written else ""
        file.write_text(before + block.content, encoding="utf-8")
        self.written.add(block.file)

    def run(self, line: str) -> str:
        """One command, and what it prints on both channels."""
        program, *rest = shlex.split(
            SHORT.get(line.partition(" #")[0].strip(), line), comments=True
        )
        if program == "rm":
            (self.folder / rest[0]).unlink()
        if program not in PROGRAMS:
            return ""
        done = subprocess.run(
            [sys.executable, *PROGRAMS[program], *rest],
            cwd=self.folder,
            env=_calm(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout


def _calm() -> dict[str, str]:
    """The environment, without what a running pytest tells its own workers."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
