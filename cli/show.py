"""`mainstem show`: one row of a view, as it is now or as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.completing import views
from cli.session import Command, Session, asks
from cli.tables import pairs, words
from cli.who import as_option, role_option

if TYPE_CHECKING:
    from queries.reader import Seen


@click.command(cls=Command)
@click.argument("where", metavar="VIEW/ID[/KEY]", shell_complete=views)
@click.option("--key", metavar="KEY", help="The key, where the ID itself holds a slash.")
@click.option("--version", type=click.IntRange(1), metavar="N",
              help="As of this version; a newer one is waited for briefly.")  # fmt: skip
@click.option("--at", metavar="MOMENT", help="As of this moment, such as 2026-01-31T09:00:00Z.")
@click.option("--why", metavar="FIELD", help="Which event gave this field its value.")
@as_option("Show what this person may read; all there is unless told.")
@role_option
@asks
def show(session: Session, /, where: str, key: str | None, **asked: Any) -> None:
    """Show a row of a view.

    VIEW is named as in SQL, room_schedule, or as in its file, RoomSchedule. Everything that was
    committed by now is in the row; where it can't be, a message says why. With --version or --at it
    is the row as it was, folded from its events by the code at hand. Exit code 1 if there is no
    such row, or it is not theirs to read; 3 where a version does not come.

    \b
    Examples:
      mainstem show ticket/7f2
      mainstem show ticket/7f2 --version 12
      mainstem show ticket/7f2 --at 2026-01-31T09:00:00Z
      mainstem show ticket/7f2 --why title
      mainstem show message/4c/ann/1 --as bob --json
    """
    from cli.addresses import parted, row_at, view_at
    from cli.as_of import Question, read, why
    from cli.engaged import engaged

    view, rest = parted(where)
    with engaged(session) as here:
        sink = view_at(here.domains, view)
        question = Question.of(sink, row_at(sink, rest, key), **asked)
        if question.field is None:
            _answer(session, read(here, question))
        else:
            session.answer(*why(here, question))


def _answer(session: Session, seen: Seen) -> None:
    from queries.shown import shown

    row = shown(seen)
    session.answer(pairs([(name, words(value)) for name, value in row.items()]), row)
