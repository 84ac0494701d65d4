"""`mainstem ask`: one command, decided here and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from cli.completing import commands
from cli.domains import load, must_be_one_of, names
from cli.session import Command, Session, asks
from cli.who import as_option, caller, role_option

if TYPE_CHECKING:
    from cli.question import Question
    from edge.caller import Caller
    from local.engine import Engine
    from mainstem.discovery import Domain


@click.command(cls=Command)
@click.argument("where", metavar="DOMAIN[/ID]", shell_complete=names)
@click.argument("name", metavar="COMMAND", required=False, shell_complete=commands)
@click.argument("words", metavar="[FIELD=VALUE]...", nargs=-1)
@as_option("Who asks; your own name on this machine unless told.")
@role_option
@click.option("--key", metavar="KEY", help="Asked again with this key, it is decided once.")
@click.option("--body", metavar="JSON", help="The whole body as JSON; - reads it from stdin.")
@asks
def ask(
    session: Session, where: str, name: str | None, words: Sequence[str], who: str | None,
    roles: Sequence[str], key: str | None, body: str | None,
) -> None:  # fmt: skip
    """Ask a command; print its aggregate, version and answer.

    Without a COMMAND it says which there are; without an ID it begins something new. Values are
    read as their fields' kinds: text as it is, numbers, true or false, moments such as
    2026-01-31T09:00:00Z. A list takes FIELD=VALUE again for each value, or JSON; FIELD= is null
    where the field may be that. Exit code 1 if the answer is no. The folder is made if need be.

    \b
    Examples:
      mainstem ask tickets
      mainstem ask tickets submit title="It burns"
      mainstem ask tickets/7f2 rename title=Fire --as ann
      mainstem ask rooms/4c invite kind=person who=bob who=cat
      mainstem ask tickets/7f2 comment --body '{"text": "Works, thanks!"}' --key 5d1c
    """
    from cli.question import question_of

    asker, found = caller(who, roles), load(session.domains)
    if name is None:
        return _offer(session, found, where)
    return _ask(session, found, question_of(found, where, name, words, body, key), asker)


def _offer(session: Session, found: Mapping[str, Domain], where: str) -> None:
    from cli.offers import offers

    must_be_one_of(where, found)
    session.answer(*offers(found[where]))


def _ask(session: Session, found: Mapping[str, Domain], question: Question, asker: Caller) -> None:
    """Sinks are settled before: a reaction fires for what is committed after it was first seen."""
    from cli.answered import answered
    from cli.blame import blaming
    from cli.engaged import Engaged, opened

    with opened(session, create=True) as ports, Engaged(session, ports, found).settled() as engine:
        with blaming(session.domains):
            committed = question.asked(ports, asker)
        session.answer(*answered(ports, committed, asker))
        _catch_up(session, engine)


def _catch_up(session: Session, engine: Engine | None) -> None:
    """It was answered, so whatever happens now is no answer."""
    try:
        if engine is not None:
            engine.catch_up()
    except KeyboardInterrupt:
        session.note("committed; views follow with the next command")
    except (Exception, SystemExit) as error:  # noqa: BLE001  the trouble of views, not of this
        what = " ".join(f"{type(error).__name__}: {error}".split())
        session.note(f"committed; views are not moved on: {what}")
