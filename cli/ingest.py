"""`mainstem ingest`: facts from a file or from stdin, each once, however often it is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.domains import load, must_be_one_of, names
from cli.session import Command, Session, WrongUsage, asks
from cli.who import as_option, caller

if TYPE_CHECKING:
    from mainstem.discovery import Domain
    from producers.files import File

FORMATS = ("ndjson", "csv", "parquet")
STORED, PUBLISHED = "stored", "published"


@click.command(cls=Command)
@click.argument("name", metavar="DOMAIN", shell_complete=names)
@click.argument("file", metavar="FILE|-", type=click.Path(allow_dash=True, dir_okay=False))
@as_option("Who sends them; your own name on this machine unless told.")
@click.option("--format", type=click.Choice(FORMATS), help="Where the name doesn't say it.")
@click.option("--ack", type=click.Choice((STORED, PUBLISHED)), default=PUBLISHED,
              show_default=True, help="When to end: on the feed, or safe in a log.")  # fmt: skip
@click.option("--again", is_flag=True, help="Send all of a file that was read before once more.")
@asks
def ingest(
    session: Session, name: str, file: str, who: str | None, format: str | None, ack: str,
    again: bool,
) -> None:  # fmt: skip
    """Send facts of an ingested domain: a file of them, or - for stdin.

    NDJSON has {"id": …, "type": …, "at": …, "data": {…}} on each line; CSV and Parquet have the
    columns id, type and at, and one for each field. Without `at`, it happens now. Files may end in
    .gz or .zst. Each row is checked against its event; those that break a rule are told, with row,
    field and rule, in a file of their own, and keep none of the others (exit code 1).

    A file is known by its bytes. Interrupted, killed or run twice, it goes on behind the last row
    that was stored; what was added at its end since is read from there. What comes on stdin can't
    be known again. The folder is made if need be.

    \b
    Examples:
      mainstem ingest clicks visits.ndjson.gz
      mainstem ingest clicks orders.csv --as shop
      tail -F access.ndjson | mainstem ingest clicks - --ack stored
    """
    from cli.ingest_run import Run
    from producers.taking import Taker

    asker, domain = caller(who, ()), _ingested(session, name)
    taker, (at, form) = Taker(domain, asker.tenant, asker.by), _source(file, format, again)
    Run(session, taker, at, form, ack == PUBLISHED, again).go()


def _ingested(session: Session, name: str) -> Domain:
    found = load(session.domains)
    must_be_one_of(name, found)
    if found[name].decided:
        raise WrongUsage(f"{name} has commands, which decide what happens: mainstem ask {name}")
    return found[name]


def _source(name: str, said: str | None, again: bool) -> tuple[File | None, str]:
    """Where facts come from, None being stdin, and how they are written there."""
    from mainstem._refusal import Unfit
    from producers.files import file_at

    if name != "-":
        format = _format(Path(name), said)
        try:
            return file_at(Path(name), format), format
        except Unfit as no:
            raise WrongUsage(str(no)) from None
    if said == "parquet":
        raise WrongUsage("Parquet is read from its end, so it can't come on stdin; use a file")
    if again:
        raise WrongUsage("--again: stdin is never known again, so there is no need to say it")
    return None, said or "ndjson"


def _format(path: Path, said: str | None) -> str:
    from producers.files import format_of

    if not path.exists():
        raise WrongUsage(f"{path}: there is no such file")
    found = said or format_of(path)
    if found is None:
        raise WrongUsage(f"{path}: what is it? Say --format {'|'.join(FORMATS)}")
    return found
