"""Tables: laid out by rich on a terminal; plain, aligned lines everywhere else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Row = Sequence[str]
GAP = 2
CELL_CHARACTERS_MAX = 60


def table(headings: Row, rows: Sequence[Row]) -> str:
    """Rows under their headings."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        return drawn(headings, cells)
    return "\n".join(_aligned([[one.upper() for one in headings], *cells]))


def fitting(headings: Row, rows: Sequence[Row]) -> int:
    """How many of the columns fit on the terminal, and at least one; elsewhere all do."""
    if not sys.stdout.isatty():
        return len(headings)
    left, kept = shutil.get_terminal_size().columns + GAP, 0
    for column in zip(headings, *rows, strict=True):
        left -= max(map(len, column)) + GAP
        if left < 0:
            break
        kept += 1
    return max(kept, 1)


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Names on the left, and what they are on the right."""
    return "\n".join(_aligned([[name, printable(text)] for name, text in rows]))


def printable(text: str) -> str:
    """On one line, and without what a terminal would take for a command."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def many(number: int, what: str) -> str:
    """So many of them, in words."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def short(value: Any) -> str:
    """A value of a row in a cell."""
    text = words(value)
    return text if len(text) <= CELL_CHARACTERS_MAX else f"{text[: CELL_CHARACTERS_MAX - 1]}…"


def words(value: Any) -> str:
    """A value as it is read: text as it is, everything else as JSON."""
    import json

    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def drawn(headings: Row, rows: Sequence[Row]) -> str:
    """As rich draws it, as wide as the terminal."""
    from rich.console import Console

    width = shutil.get_terminal_size().columns
    console = Console(width=width, force_terminal=True)
    with console.capture() as captured:
        console.print(laid_out(headings, rows))
    return captured.get().rstrip("\n")


def laid_out(headings: Row, rows: Sequence[Row]) -> Table:
    """The table itself, for whoever shows it again and again."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="ellipsis", no_wrap=True)
    for row in rows:
        made.add_row(*map(Text, row))  # what is in brackets is no markup
    return made


def _aligned(rows: Sequence[Row]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    gap = " " * GAP
    return [gap.join(map(str.ljust, row, widths)).rstrip() for row in rows]
