"""`mainstem history`: the events of one aggregate, in order."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cli.domains import names, names_in
from cli.session import Command, Refusal, Session, asks
from cli.tables import printable

if TYPE_CHECKING:
    from local.adapters import Adapters
    from mainstem.aggregate import Aggregate
    from mainstem.envelope import Envelope

RECORDS_PER_STEP = 50


@click.command(cls=Command)
@click.argument("where", metavar="DOMAIN/ID", shell_complete=names)
@asks
def history(session: Session, where: str) -> None:
    """Show what happened to an aggregate, in order.

    A line for each event: version, time, who, event and data, as it was stored, with what views
    keep back. Facts of ingested domains are not journalled; `mainstem tail` shows those.

    \b
    Examples:
      mainstem history tickets/7f2
      mainstem history tickets/7f2 --json
    """
    from cli.addresses import aggregate_at
    from cli.engaged import opened

    aggregate = aggregate_at(where)
    with opened(session) as ports:
        found = list(events_of(ports, aggregate))
    if not found:
        raise Refusal(f"nothing is journalled of {aggregate}{_hint(session, aggregate.domain)}")
    data = {"domain": aggregate.domain, "id": aggregate.id, "events": [data_of(e) for e in found]}
    session.answer("\n".join(map(line_of, found)), data)


def events_of(ports: Adapters, aggregate: Aggregate) -> Iterator[Envelope]:
    """All that is journalled of it, in order."""
    from mainstem.envelope import decode
    from mainstem.protocol.drive import drive

    after = 0
    while records := drive(ports.journal.records(aggregate, after, RECORDS_PER_STEP)):
        yield from (decode(line) for record in records for line in record.events)
        after = records[-1].last


def line_of(event: Envelope, *, fact: bool = False) -> str:
    """An event on one line. A fact gets its version where it is applied, so it has none yet."""
    from queries.shown import moment

    version, who = "-" if fact else event.version, event.by or "-"
    data = json.dumps(event.data, ensure_ascii=False)
    return printable(f"{version:>4}  {moment(event.at)}  {who:<12}  {event.type}  {data}")


def data_of(event: Envelope, *, fact: bool = False) -> dict[str, Any]:
    """The same for machines, as the API tells it."""
    from queries.shown import told

    return {**told(event), **({"version": None} if fact else {})}


def _hint(session: Session, domain: str) -> str:
    """The nearest name of a domain file, where none is called so."""
    there = names_in(session.domains)
    near = difflib.get_close_matches(domain, there, n=1)
    return f"; did you mean {near[0]}/…?" if near and domain not in there else ""
