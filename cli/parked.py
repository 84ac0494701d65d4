"""`mainstem parked`: aggregates that wait, and why; tried again, or given up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

import click

from cli.completing import views
from cli.session import Commands, Session, asks
from cli.tables import pairs, printable, table, words

if TYPE_CHECKING:
    from cli.parking import Tried

EVENTS_SHOWN_MAX = 100
HEADINGS = ("view", "aggregate", "since", "tries", "why")
view_argument = click.argument("view", metavar="VIEW", shell_complete=views)
where_argument = click.argument("where", metavar="ID")


@click.group(cls=Commands)
def parked() -> None:
    """Aggregates whose next event can't be applied yet.

    Only they wait; everything else moves on. A gap is mended by itself as soon as what is missing
    is found. What the code at hand can't apply waits until it can, or until it is given up. VIEW is
    named as in SQL, or as in this list: ticket, or tickets.Ticket.
    """


@parked.command("list")
@click.argument("view", metavar="[VIEW]", required=False, shell_complete=views)
@asks
def list_(session: Session, view: str | None) -> None:
    """List what waits, and why.

    \b
    Examples:
      mainstem parked list
      mainstem parked list ticket --json
    """
    from cli.engaged import opened
    from cli.parking import currents, data, waiting
    from queries.shown import moment

    with opened(session) as ports:
        found = [one for of in currents(ports, view) for one in waiting(ports, of)]
    rows = [(p.sink, str(p.aggregate), moment(p.since) or "", f"{p.tries}", p.why) for p in found]
    text = table(HEADINGS, rows) if rows else "nothing is parked"
    session.answer(text, {"parked": [data(one) for one in found]})


@parked.command()
@view_argument
@where_argument
@asks
def show(session: Session, view: str, where: str) -> None:
    """Show why one waits, since when, and the events behind it.

    \b
    Examples:
      mainstem parked show ticket 7f2
      mainstem parked show tickets.Ticket tickets/7f2 --json
    """
    from cli.engaged import opened
    from cli.history import data_of, line_of
    from cli.parking import behind, currents, data, parked_at

    with opened(session) as ports:
        (generation,) = currents(ports, view)
        found = parked_at(ports, generation, where)
        events = list(islice(behind(ports, generation, found), EVENTS_SHOWN_MAX))
    said = data(found)
    facts = bool(found.facts)
    lines = [pairs([(name, words(value)) for name, value in said.items()]), ""]
    lines += [line_of(one, fact=facts) for one in events] or ["the journal holds nothing behind it"]
    session.answer(
        "\n".join(lines), {**said, "events": [data_of(one, fact=facts) for one in events]}
    )


@parked.command()
@click.argument("view", metavar="[VIEW]", required=False, shell_complete=views)
@click.argument("where", metavar="[ID]", required=False)
@asks
def retry(session: Session, view: str | None, where: str | None) -> None:
    """Try again what waits: all of it, of one view, or one aggregate.

    Exit code 1 if any of it still waits.

    \b
    Examples:
      mainstem parked retry
      mainstem parked retry ticket 7f2
    """
    from cli.engaged import engaged
    from cli.parking import retried

    with engaged(session) as here:
        tried = retried(here, view, where)
    text = "\n".join(map(_told, tried)) or "nothing is parked"
    session.answer(text, {"tried": [one.data() for one in tried]})
    _exit(tried)


@parked.command()
@view_argument
@where_argument
@asks
def discard(session: Session, view: str, where: str) -> None:
    """Give up the event that one stops at: its row goes on without it. Only shown without --yes.

    The event stays in the journal and in the history; a view that is folded anew meets it again.
    It is tried once more before, so nothing is given up that could be applied by now. Exit code 1
    if it stops again at a later event.

    \b
    Examples:
      mainstem parked discard ticket 7f2          # what would be given up
      mainstem parked discard ticket 7f2 --yes
    """
    from cli.engaged import engaged, opened
    from cli.parking import currents, given_up, parked_at, plan

    if not session.yes:
        with opened(session) as ports:
            (generation,) = currents(ports, view)
            planned = plan(ports, generation, parked_at(ports, generation, where))
        text = f"would give up, with --yes:\n{_event(planned)}\nbecause {printable(planned.why)}"
        session.answer(text, {**planned.data(), "done": False})
        return
    with engaged(session) as here:
        done = given_up(here, view, where)
    text = f"gave up:\n{_event(done)}\n" if done.given_up else "nothing was given up; "
    session.answer(f"{text}{_told(done)}", {**done.data(), "done": done.given_up is not None})
    _exit([done])


def _event(tried: Tried) -> str:
    from cli.history import line_of

    assert tried.given_up is not None
    return line_of(tried.given_up)


def _told(one: Tried) -> str:
    how = "goes on" if one.free else f"still waits: {one.why}"
    return printable(f"{one.sink} {one.aggregate} {how}")


def _exit(tried: Sequence[Tried]) -> None:
    if not all(one.free for one in tried):
        raise click.exceptions.Exit(1)
