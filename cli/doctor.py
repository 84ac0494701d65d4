"""`mainstem doctor`: what works here, what is missing, and what mends it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cli.interrupt import at_once
from cli.session import Command, Session, asks
from cli.tables import printable

if TYPE_CHECKING:
    from cli.checks import Check

MARKS = {True: "✓", False: "✗", None: "·"}


@click.command(cls=Command)
@asks
def doctor(session: Session) -> None:
    """Say what works here, what does not, and what mends it.

    Looks at this machine, the domains and the folder, every page of its files included; changes
    nothing. With --yes it makes anew what follows from the journal, if that is lost or damaged:
    rows and words come back, effects that were not done yet don't. ✓ is well, ✗ is wrong, · is good
    to know. Exit code 1 if anything is wrong.

    \b
    Examples:
      mainstem doctor
      mainstem doctor --folder /srv/shop --json
      mainstem doctor --yes
    """
    from cli.checks import RENEW, checks

    with at_once():
        found = list(checks(session))
    if session.yes and any(one.ok is False and one.cure == RENEW for one in found):
        _renew(session)
        found = list(checks(session))
    well = all(one.ok is not False for one in found)
    width = max(len(one.name) for one in found)
    text = "\n".join(_line(one, width) for one in found)
    session.answer(text, {"well": well, "checks": [asdict(one) for one in found]})
    if not well:
        raise click.exceptions.Exit(1)


def _renew(session: Session) -> None:
    """What was there is kept beside, under another name."""
    from local.renew import renew

    for aside in renew(session.folder):
        session.note(f"put aside: {aside}")


def _line(one: Check, width: int) -> str:
    line = f"{MARKS[one.ok]} {one.name:{width}}  {one.said}"
    return printable(f"{line}; {one.cure}" if one.ok is False else line)
