"""`mainstem archive`: what is archived, compacting it now, and whether all of it is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from cli.domains import load, name_argument, pick
from cli.session import Command, Commands, Session, asks
from cli.tables import many

if TYPE_CHECKING:
    from archive.verify import Verified
    from cli.engaged import Engaged


@click.group(cls=Commands)
def archive() -> None:
    """The archive: every event for ever, as Parquet.

    `mainstem up` writes what happens to raw objects within a minute, and compacts them into a table
    for each domain every hour; `mainstem sql` reads both.
    """


@archive.command(cls=Command)
@asks
def status(session: Session) -> None:
    """Show what is archived: events, files, and what is not compacted yet.

    \b
    Examples:
      mainstem archive status
      mainstem archive status --json
    """
    from cli.archive_told import standing, told
    from cli.engaged import engaged

    with engaged(session) as at:
        found = standing(at.ports, at.domains)
    session.answer(told(found), found)


@archive.command(cls=Command)
@name_argument
@asks
def compact(session: Session, name: str | None) -> None:
    """Archive and compact what is there now, of one domain or of all.

    Raw objects become rows of DOMAIN_events: each event once, typed columns, sorted. Whatever is
    killed in between, it is done or not done. Days that are over become one run in order. Exit code
    3 where another process is at it; 1 where a raw object can't be relied on, which is named, and
    nothing of it is taken.

    \b
    Examples:
      mainstem archive compact
      mainstem archive compact tickets
    """
    from cli.archive_told import compacting
    from cli.engaged import engaged
    from local.asking import archived

    with engaged(session) as at:
        domains = pick(at.domains, name)
        archived(at.ports)
        done = compacting(session, at.ports, domains)
    events, files = sum(one.events for one in done if not one.day), Counter[str]()
    for one in done:
        files[one.domain] += one.files  # each object holds events of several
    raw = max(files.values(), default=0)
    text = f"{many(events, 'event')} compacted, of {many(raw, 'raw object')}"
    session.answer(text, [one._asdict() for one in done])


@archive.command(cls=Command)
@name_argument
@asks
def verify(session: Session, name: str | None) -> None:
    """Look whether everything is there, once, and as it was written.

    Every file byte by byte against what was noted when it was written; every aggregate's versions
    from 1 to its last without a hole or a double; and its last against the journal, or, of facts,
    against the rows they were applied to. Exit code 1, with what is wrong, if anything is.

    \b
    Examples:
      mainstem archive verify
      mainstem archive verify tickets --json
    """
    from cli.archive_told import in_words, verifying
    from cli.engaged import engaged

    with engaged(session) as at:
        domains = pick(at.domains, name)
        _applied(at)
        found = verifying(session, at.ports, domains)
    session.answer("\n".join(in_words(one) for one in found), [_data(one) for one in found])
    if any(one.findings for one in found):
        raise click.exceptions.Exit(1)


@archive.command(cls=Command)
@click.option("--bucket", metavar="URL", default="s3://BUCKET", show_default=True,
              help="Where the archive lies.")  # fmt: skip
@click.option("--database", metavar="NAME", default="mainstem", show_default=True,
              help="Glue's database.")  # fmt: skip
@asks
def ddl(session: Session, bucket: str, database: str) -> None:
    """Print what Athena has to be told: tables, raw, and every view in its SQL.

    Nothing is run. A view whose folds are code has none, and says so in a comment.

    \b
    Examples:
      mainstem archive ddl --bucket s3://acme-events > athena.sql
    """
    from archive.athena import ddl as statements

    found = list(statements(load(session.domains), bucket.rstrip("/"), database))
    session.answer(";\n\n".join(found) + ";", found)


def _applied(at: Engaged) -> None:
    """What was committed until now, and applied, since rows are compared with it."""
    from local.asking import archived

    with at.work() as engine:
        if engine is not None:
            engine.catch_up()
    archived(at.ports)


def _data(found: Verified) -> Mapping[str, Any]:
    return {**found._asdict(), "findings": [one._asdict() for one in found.findings]}
