"""Telling how far a view has come that is folded anew: a bar on a terminal, a line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.session import Session

if TYPE_CHECKING:
    from local.settle import Progress, Told

WHY = {"new": "is new", "changed": "changed"}


@contextmanager
def telling(session: Session) -> Iterator[Told]:
    """Whom settling tells. Nothing is shown where nothing is folded anew, or with --quiet."""
    conflicts: dict[str, int] = {}
    with _shown(session) as show:

        def told(progress: Progress) -> None:
            conflicts[progress.sink] = progress.conflicts
            show(progress)

        yield told
    for sink, many in conflicts.items():
        if many:
            session.note(f"{sink}: {many} of its claims are held by others; the older one stays")


@contextmanager
def _shown(session: Session) -> Iterator[Told]:
    if session.quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield _lines(session)


def _lines(session: Session) -> Told:
    seen: set[str] = set()

    def show(progress: Progress) -> None:
        if progress.sink not in seen:
            seen.add(progress.sink)
            session.progress(f"{_title(progress)}: folding it anew, {progress.total:,} to do")

    return show


@contextmanager
def _bars() -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:
        tasks: dict[str, object] = {}

        def show(progress: Progress) -> None:
            if progress.sink not in tasks:
                tasks[progress.sink] = bars.add_task(f"{_title(progress)}: folding it anew")
            task = tasks[progress.sink]
            bars.update(task, completed=progress.done, total=progress.total)  # type: ignore[arg-type]

        yield show


def _title(progress: Progress) -> str:
    return f"{progress.sink} {WHY[progress.change]}"
