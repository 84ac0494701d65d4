"""Telling how far a view has come that is folded anew: a bar on a terminal, a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.progress import TOLD_EVERY_S
from cli.session import Session

if TYPE_CHECKING:
    from local.settle import Progress, Told
    from mainstem.protocol.claims import Clash

WHY = {
    "new": "is new: folding it anew",
    "changed": "changed: folding it anew",
    "claims": "claims otherwise: its claims change hands",
}
LEFT_MAX = 10  # are named


@contextmanager
def telling(session: Session) -> Iterator[Told]:
    """Whom settling tells. Nothing is shown where nothing is folded anew, or with --quiet."""
    left: dict[str, Sequence[Clash]] = {}
    given_up: list[Progress] = []
    try:
        with _shown(session) as show:

            def told(progress: Progress) -> None:
                if progress.change == "given up":
                    given_up.append(progress)
                    return
                left[progress.sink] = progress.left
                show(progress)

            yield told
    finally:
        for one in given_up:
            text = f"generation {one.generation}, a rebuild that was not promoted, is given up"
            session.note(f"{one.sink}: {text}")
    for clashes in left.values():
        for line in who_goes_without(clashes):
            session.note(line)


def who_goes_without(clashes: Sequence[Clash]) -> Iterator[str]:
    """By name, as long as there are few."""
    yield from map(str, clashes[:LEFT_MAX])
    if len(clashes) > LEFT_MAX:
        yield f"and {len(clashes) - LEFT_MAX:,} more go without what they claim"


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
    """The first of each, and then one every few seconds: nobody is answered meanwhile."""
    told: dict[str, float] = {}

    def show(progress: Progress) -> None:
        title, now = _title(progress), time.monotonic()
        if title not in told or now - told[title] > TOLD_EVERY_S:
            done = f", {progress.done:,} done" if title in told else ""
            told[title] = now
            session.progress(f"{title}, {progress.total:,} to do{done}")

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
            title = _title(progress)
            if title not in tasks:
                tasks[title] = bars.add_task(title)
            task = tasks[title]
            bars.update(task, completed=progress.done, total=progress.total)  # type: ignore[arg-type]

        yield show


def _title(progress: Progress) -> str:
    return f"{progress.sink} {WHY[progress.change]}"
