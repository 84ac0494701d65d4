"""Pages of documentation as their tests see them: blocks of code, rows of tables, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w/]+\.py)\n")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BAR = re.compile(r"(?<!\\)\|")
RULE = frozenset("|-: ")


@dataclass(frozen=True)
class Block:
    """A fenced block. One that starts with `# folder/file.py` is the content of that file."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str:
        found = FILE.match(self.text)
        return found[1] if found else ""

    @property
    def content(self) -> str:
        return self.text.partition("\n")[2] if self.file else self.text


def pages() -> list[str]:
    """Every page that somebody reads, as a path from the root."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    return sorted(one.relative_to(ROOT).as_posix() for one in found)


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def blocks(page: str) -> tuple[Block, ...]:
    whole = text(page)
    return tuple(
        Block(found[1], found[2], whole.count("\n", 0, found.start(2)) + 1)
        for found in FENCED.finditer(whole)
    )


def prose(page: str) -> str:
    """The page without its blocks of code."""
    return FENCED.sub("", text(page))


def links(page: str) -> list[str]:
    return LINK.findall(prose(page))


def anchors(page: str) -> set[str]:
    """What a link may point to inside the page, as code hosts make it of headings."""
    found = (re.sub(r"[^\w\- ]", "", one.lower()) for one in HEADING.findall(prose(page)))
    return {one.strip().replace(" ", "-") for one in found}


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the tables right under a heading, without the tables' own heads."""
    _, *parts = HEADING.split(prose(page))
    under = dict(zip(parts[::2], parts[1::2], strict=True))
    assert heading in under, f"{page} has no section {heading!r}"
    lines = under[heading].splitlines()
    return [_cells(line) for line, next in pairwise([*lines, ""]) if not _is_head(line, next)]


def _is_head(line: str, next: str) -> bool:
    """Whether a line is no row of a table: prose, column names, or the rule below them."""
    return not line.startswith("|") or set(line) <= RULE or (next != "" and set(next) <= RULE)


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in BAR.split(line)[1:-1]]


def unkept(promised: str, output: str) -> Iterator[str]:
    """The promised lines that don't follow one another in the output; `…` stands for anything."""
    lines = iter(output.splitlines())
    for line in promised.splitlines():
        pattern = re.escape(line.strip()).replace("…", ".*")
        if not any(re.search(pattern, printed) for printed in lines):
            yield f"{line!r} is not, or not where it should be, in:\n{output}"
            return
