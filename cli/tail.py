"""`mainstem tail`: events as they happen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from cli.domains import must_be_one_of, names, names_in
from cli.session import Command, Session, asks

if TYPE_CHECKING:
    from cli.following import Following

REST_S = 0.1


@click.command(cls=Command)
@click.argument("domain", metavar="[DOMAIN]", required=False, shell_complete=names)
@click.option(
    "--from",
    "start",
    type=click.Choice(("now", "start")),
    default="now",
    show_default=True,
    help="Where to begin: with what comes next, or with the oldest that is on the feed.",
)
@asks
def tail(session: Session, domain: str | None, start: str) -> None:
    """Show events as they arrive on the feed; Ctrl-C ends it.

    A line for each: where it belongs, version, time, who, event and data; with --json an object.
    It only looks: no view is moved on by it, nor held up. What nobody can read is told on stderr.

    \b
    Examples:
      mainstem tail
      mainstem tail tickets --from start
      mainstem tail --json | jq .type
    """
    from cli.engaged import opened
    from cli.following import Following

    if domain is not None and (there := names_in(session.domains)):
        must_be_one_of(domain, there)
    with opened(session) as ports:
        following = Following(ports, domain, {} if start == "start" else dict(ports.feed.ends()))
        session.progress("following; Ctrl-C ends it")
        try:
            _follow(session, following)
        except KeyboardInterrupt:
            return  # it is how a tail ends: it did what it was asked for


def _follow(session: Session, following: Following) -> None:
    while True:
        for told in following.step():
            if told.wrong:
                session.note(told.wrong)
            else:
                session.say(told.text, told.data)
        if not following.more:
            time.sleep(REST_S)
