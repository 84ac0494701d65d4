"""Progress of long work on stderr: a bar on a terminal, a line every few seconds elsewhere.

With --json each is a line of JSON, on a terminal too.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from cli.interrupt import refuse_interrupted
from cli.session import Session

TOLD_EVERY_S = 10.0


class Long(Protocol):
    """Work that takes a while."""

    @property
    def total(self) -> int | None:
        """How much there is of it; None where nobody knows."""
        ...

    @property
    def done(self) -> int:
        """How much of that is done."""
        ...

    def told(self) -> str:
        """How far it has come, in words."""
        ...

    def data(self) -> Mapping[str, Any]:
        """The same for machines. Where it has a step, another one is told at once."""
        ...


@contextmanager
def shown(session: Session, work: Long) -> Iterator[Callable[[], None]]:
    """Whom to call as it goes on. Nothing is shown with --quiet.

    An interrupt that fell into some library's own code, and was dropped there, is heard then.
    """
    with _showing(session, work) as show:

        def on() -> None:
            refuse_interrupted()
            show()

        yield on


@contextmanager
def _showing(session: Session, work: Long) -> Iterator[Callable[[], None]]:
    if session.quiet:
        yield lambda: None
    elif sys.stderr.isatty() and not session.json:
        with _bar(work) as show:
            yield show
    else:
        yield _lines(session, work)


def _lines(session: Session, work: Long) -> Callable[[], None]:
    told, step = time.monotonic(), work.data().get("step")

    def show() -> None:
        nonlocal told, step
        data = work.data()
        if data.get("step") != step or time.monotonic() - told > TOLD_EVERY_S:
            told, step = time.monotonic(), data.get("step")
            session.progress(work.told(), data)

    return show


@contextmanager
def _bar(work: Long) -> Iterator[Callable[[], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=work.total)
        yield lambda: bars.update(task, completed=work.done, description=work.told())
