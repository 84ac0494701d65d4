"""Blame: what a domain's own code raised is told by its file and line, and is no bug of ours."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from cli.domains import shown
from cli.endings import ending
from cli.session import Refusal


@contextmanager
def blaming(folder: Path) -> Iterator[None]:
    """Around whatever runs the code of domain files."""
    try:
        yield
    except Exception as error:
        line = _line_in(folder.resolve(), error)
        if line is None or isinstance(error, click.ClickException) or ending(error) is not None:
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        raise Refusal(f"{line}: {what}") from error


def _line_in(folder: Path, error: Exception) -> str | None:
    """The last of the domain's own lines on the way to it."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    for frame in frames:
        if Path(frame.filename).resolve().parent == folder:
            return f"{shown(Path(frame.filename))}:{frame.lineno}"
    return None
