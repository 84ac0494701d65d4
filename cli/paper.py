"""Paper: text laid out for a terminal of a hundred characters, readable without colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

WIDTH = 100
LABEL = 12


def chapter(number: int, title: str, says: str) -> Iterator[str]:
    """A heading, and a sentence or two on what is to be seen."""
    yield ""
    yield f"{number}  {title}"
    yield from paragraph(says)
    yield ""


def paragraph(text: str) -> list[str]:
    """Sentences, broken where the page ends."""
    return textwrap.wrap(text, WIDTH, initial_indent="   ", subsequent_indent="   ")


def labelled(label: str, text: str, indent: int = 3) -> list[str]:
    """A word on the left, and what it says on the right, however long."""
    start = f"{'':{indent}}{label:{LABEL}}"
    return _beside(start, textwrap.wrap(text, WIDTH - len(start), break_on_hyphens=False))


def labelled_json(label: str, text: str) -> list[str]:
    """The same for JSON, broken where a name begins."""
    start = f"   {label:{LABEL}}"
    lines = [""]
    for part in text.replace(',"', ',\0"').split("\0"):  # JSON holds no NUL of its own
        if len(start) + len(lines[-1]) + len(part) > WIDTH:
            lines.append("")
        lines[-1] += part
    return _beside(start, lines)


def _beside(start: str, lines: Sequence[str]) -> list[str]:
    first, *rest = lines or [""]
    return [f"{start}{first}".rstrip(), *(f"{'':{len(start)}}{line}" for line in rest)]


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns as wide as they need to be, cut at the margin."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        shortened("   " + "  ".join(map(str.ljust, row, widths)).rstrip(), WIDTH) for row in rows
    ]


def shortened(text: str, width: int) -> str:
    """The text, cut with an ellipsis where it would be too wide."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
