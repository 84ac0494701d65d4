"""`mainstem show`: one row of a view, as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cli.completing import views
from cli.session import Command, Session, asks
from cli.tables import pairs, words
from cli.who import as_option, named, role_option

if TYPE_CHECKING:
    from queries.reader import Seen


@click.command(cls=Command)
@click.argument("where", metavar="VIEW/ID[/KEY]", shell_complete=views)
@click.option("--key", metavar="KEY", help="The key, where the ID itself holds a slash.")
@click.option(
    "--version",
    type=click.IntRange(1),
    metavar="N",
    help="Wait briefly for this version; exit code 3 where it does not come.",
)
@as_option("Show what this person may read; all there is unless told.")
@role_option
@asks
def show(
    session: Session, where: str, key: str | None, version: int | None, who: str | None,
    roles: Sequence[str],
) -> None:  # fmt: skip
    """Show a row of a view.

    VIEW is named as in SQL, room_schedule, or as in its file, RoomSchedule. Everything that was
    committed by now is in the row; where it can't be, a message says why. Exit code 1 if there is
    no such row, or it is not theirs to read.

    \b
    Examples:
      mainstem show ticket/7f2
      mainstem show ticket/7f2 --version 12
      mainstem show message/4c/ann/1 --as bob --json
    """
    from cli.addresses import parted, row_at, view_at
    from cli.engaged import engaged
    from cli.reading import seen_now

    view, rest = parted(where)
    with engaged(session) as here:
        sink = view_at(here.domains, view)
        id, key = row_at(sink, rest, key)
        seen = seen_now(here, sink, (id, key, version or 0), named(who, roles))
    _answer(session, seen)


def _answer(session: Session, seen: Seen) -> None:
    from queries.shown import shown

    row = shown(seen)
    session.answer(pairs([(name, words(value)) for name, value in row.items()]), row)
