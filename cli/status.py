"""`mainstem status`: how everything in a folder stands."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from cli.session import Command, Session, asks
from cli.tables import table

if TYPE_CHECKING:
    from cli.figures import Figures, SinkFigures
    from local.adapters import Adapters

EVERY_S = 1.0
HEADINGS = ("sink", "generation", "stage", "lag", "parked", "audited")
MIB = 1024 * 1024


@click.command(cls=Command)
@click.option("--watch", is_flag=True, help="Again and again, until Ctrl-C: whenever it changes.")
@asks
def status(session: Session, watch: bool) -> None:
    """Show how views stand: lag, what is parked, when audited.

    Lag counts the records of the feed that a view has not read; an audit compares the view with
    the journal. Nothing is moved on by looking.

    \b
    Examples:
      mainstem status
      mainstem status --watch
      mainstem status --json | jq '.sinks[] | select(.parked > 0)'
    """
    from cli.engaged import opened
    from cli.figures import figures

    with opened(session) as ports:
        if not watch:
            found = figures(ports)
            session.answer(text_of(found), found.data())
            return
        try:
            _watch(session, ports)
        except KeyboardInterrupt:
            return  # it is how watching ends


def _watch(session: Session, ports: Adapters) -> None:
    if sys.stdout.isatty() and not session.json:
        _live(ports)
    for found in _changes(ports):
        session.say(line_of(found), found.data())


def _changes(ports: Adapters) -> Iterator[Figures]:
    from cli.figures import figures

    last = ""
    while True:
        found = figures(ports)
        if line_of(found) != last:
            last = line_of(found)
            yield found
        time.sleep(EVERY_S)


def _live(ports: Adapters) -> None:
    from rich.live import Live
    from rich.text import Text

    from cli.figures import figures

    with Live(auto_refresh=False) as live:
        while True:
            live.update(Text.from_ansi(text_of(figures(ports))), refresh=True)
            time.sleep(EVERY_S)


def text_of(found: Figures) -> str:
    """All of it, for people."""
    lines = [f"{found.folder} · {found.bytes / MIB:.1f} MiB · {_up(found)}", ""]
    lines += [table(HEADINGS, [_row(one) for one in found.sinks]), ""] if found.sinks else []
    lines.append(
        f"unpublished {found.unpublished:,} · quarantined {found.quarantined:,} · "
        f"effects waiting {found.intents:,}"
    )
    lines += [f"{found.parked:,} wait: mainstem parked list"] if found.parked else []
    lines += ["some can't be read: mainstem quarantine list"] if found.quarantined else []
    return "\n".join(lines)


def line_of(found: Figures) -> str:
    """The most of it on one line."""
    lag = sum(one.lag for one in found.sinks)
    return (
        f"{'up' if found.up else 'not up'} · lag {lag:,} · parked {found.parked:,} · "
        f"unpublished {found.unpublished:,} · quarantined {found.quarantined:,} · "
        f"effects waiting {found.intents:,}"
    )


def _up(found: Figures) -> str:
    if found.up is None:
        return "not up; the next command moves views on"
    where = found.up.get("address", "starting")
    return f"up: {where} (process {found.up.get('process', '?')})"


def _row(one: SinkFigures) -> tuple[str, ...]:
    audited = one.audited_at or "-"
    counts = (f"{one.generation}", one.stage, f"{one.lag:,}", f"{one.parked:,}")
    return (one.sink, *counts, audited)
