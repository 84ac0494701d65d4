"""`mainstem check`: is a domain safe to release?"""

from __future__ import annotations

from collections.abc import Sequence

import click

from cli.domains import load, name_argument, pick
from cli.interrupt import at_once
from cli.made_up import must_be_possible
from cli.session import Command, Session, asks
from cli.snapshots import Standing, standings, told
from cli.verdict import Verdict, examined


@click.command(cls=Command)
@name_argument
@click.option(
    "--examples",
    type=click.IntRange(1, 100_000),
    metavar="N",
    help="How many histories each law is tried on; as many as in a domain's own test unless told.",
)
@asks
def check(session: Session, name: str | None, examples: int | None) -> None:
    """Is this domain safe to release? All of them, unless one is named.

    Reads every domain file and names every mistake with its line; tries the laws on generated
    histories; compares the stored shape of events with what was recorded; measures the file.

    \b
    Examples:
      mainstem check
      mainstem check tickets --examples 1000
    """
    must_be_possible()
    from mainstem.laws import EXAMPLES

    known = load(session.domains)
    found = pick(known, name)
    schemas = {one.name: one for one in standings(session.domains, known, name)}
    verdicts: list[Verdict] = []
    with at_once():
        for domain in found.values():
            session.progress(f"checking {domain.name}")
            verdicts.append(examined(domain, schemas[domain.name], examples or EXAMPLES))
    _answer(session, verdicts, [one for one in schemas.values() if one.gone])


def _answer(session: Session, verdicts: Sequence[Verdict], gone: Sequence[Standing]) -> None:
    unsafe = [f"{one.domain.name} ({', '.join(one.broken)})" for one in verdicts if one.broken]
    unsafe += [f"{one.name} (schema)" for one in gone]
    lines = [one.told() for one in verdicts] + [line for one in gone for line in told(one)]
    safe = f"safe to release: {', '.join(one.domain.name for one in verdicts)}"
    lines += ["", f"not safe to release: {', '.join(unsafe)}" if unsafe else safe]
    data = [one.data() for one in verdicts]
    data += [{"domain": one.name, "safe": False, "schema": one.data()} for one in gone]
    session.answer("\n".join(lines), {"safe": not unsafe, "domains": data})
    if unsafe:
        raise click.exceptions.Exit(1)
