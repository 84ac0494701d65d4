"""`mainstem schema`: the stored shapes of events, what changed since they were recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.domains import load, name_argument, shown
from cli.session import Commands, Refusal, Session, asks
from cli.snapshots import Standing, accept_line, record, standings, told

if TYPE_CHECKING:
    from mainstem.schema import Snapshot, StoredEvent, StoredField


@click.group(cls=Commands)
def schema() -> None:
    """The stored shape of events: show it, compare it, accept a change.

    Events are stored for ever, so their shapes are recorded in DIR/schemas and reviewed with the
    domain. Added events, and fields that are optional or have a default, are fine. Whatever would
    lose, refuse or read otherwise what is stored already comes with the lines to write.
    """


@schema.command()
@name_argument
@asks
def show(session: Session, name: str | None) -> None:
    """Show the stored shape of every event, as the code says it.

    \b
    Examples:
      mainstem schema show tickets
      mainstem schema show --json
    """
    import msgspec

    shapes = [one.now for one in _standings(session, name) if not one.gone]
    text = "\n\n".join("\n".join(_shape(one)) for one in shapes)
    session.answer(text, {"domains": msgspec.to_builtins(shapes)})


@schema.command()
@name_argument
@asks
def diff(session: Session, name: str | None) -> None:
    """Show what changed since the shapes were recorded. Exit code 1 if anything did.

    \b
    Examples:
      mainstem schema diff
      mainstem schema diff tickets
    """
    found = _standings(session, name)
    text = "\n".join(line for one in found for line in told(one))
    session.answer(text, {"domains": [one.data() for one in found]})
    if not all(one.same for one in found):
        raise click.exceptions.Exit(1)


@schema.command()
@name_argument
@asks
def accept(session: Session, name: str | None) -> None:
    """Record the shapes as they are now. A change that breaks what is stored needs --yes.

    \b
    Examples:
      mainstem schema accept tickets
      mainstem schema accept tickets --yes      # it was never released, or its events are gone
    """
    found = [one for one in _standings(session, name) if not one.same]
    broken = [one for one in found if one.recorded and one.breaks]
    if broken and not session.yes:
        raise _refusal(broken)
    for one in found:
        record(one)
    data = {
        "recorded": [str(one.file) for one in found if not one.gone],
        "removed": [str(one.file) for one in found if one.gone],
    }
    lines = [f"{'removed' if one.gone else 'recorded'} {shown(one.file)}" for one in found]
    session.answer("\n".join(lines) or "as recorded already", data)


def _standings(session: Session, name: str | None) -> list[Standing]:
    return standings(session.domains, load(session.domains), name)


def _refusal(broken: list[Standing]) -> Refusal:
    changes = "\n".join(line for one in broken for line in told(one))
    return Refusal(
        f"this breaks events that are stored; nothing was recorded\n{changes}\n"
        f"If none are stored: {accept_line([one.name for one in broken])} --yes",
        domains=[one.data() for one in broken],
    )


def _shape(snapshot: Snapshot) -> list[str]:
    lines = [snapshot.domain]
    for name, event in sorted(snapshot.events.items()):
        lines += [f"  {name}{_facts(event)}"]
        width = max(map(len, event.fields), default=0)
        lines += [f"    {key:{width}}  {_field(field)}" for key, field in event.fields.items()]
    return lines


def _facts(event: StoredEvent) -> str:
    was = f", was {', '.join(event.was)}" if event.was else ""
    return f", schema {event.schema}{was}" if event.schema > 1 else was


def _field(field: StoredField) -> str:
    from msgspec import UNSET

    words = [field.kind]
    words += [f"({' | '.join(field.choices)})"] if field.choices else []
    words += ["or None"] if field.optional else []
    words += [f"= {_default(field.default)}"] if field.default is not UNSET else []
    words += [f"was {', '.join(field.was)}"] if field.was else []
    return " ".join(words)


def _default(value: Any) -> str:
    return "None" if value is None else repr(value)
