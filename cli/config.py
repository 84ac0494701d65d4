"""`mainstem config`: every setting, its value, and where it came from."""

from __future__ import annotations

import os
from dataclasses import dataclass

import click

from cli.session import DEBUG, FOLDER, Command, Session, asks
from cli.tables import table
from cli.who import me

DEFAULT = "default"


@dataclass(frozen=True)
class Setting:
    """One of them."""

    name: str
    value: str
    source: str


@click.command(cls=Command)
@asks
def config(session: Session) -> None:
    """Show every setting, its value, and where it came from.

    \b
    Examples:
      mainstem config
      MAINSTEM_FOLDER=/srv/shop mainstem config --json
    """
    found = settings(session)
    text = table(("setting", "value", "from"), [(s.name, s.value, s.source) for s in found])
    session.answer(text, {one.name: {"value": one.value, "from": one.source} for one in found})


def settings(session: Session) -> list[Setting]:
    """All there are. Which address `mainstem up` listens on is said by its own options."""
    from cli.up import HOST, PORT

    folder = f"variable {FOLDER}" if os.environ.get(FOLDER) else DEFAULT
    flags = [
        Setting(name, str(getattr(session, name)).lower(), _from(session, name))
        for name in ("json", "quiet", "yes")
    ]
    return [
        Setting("folder", str(session.folder.absolute()), _from(session, "folder", folder)),
        Setting("domains", str(session.domains.absolute()), _from(session, "domains")),
        *flags,
        Setting("as", me(), "your name on this machine"),
        Setting("host", HOST, f"{DEFAULT} of mainstem up --host"),
        Setting("port", str(PORT), f"{DEFAULT} of mainstem up --port"),
        Setting("spark", *_spark()),
        Setting("debug", *_debug()),
    ]


def _from(session: Session, name: str, otherwise: str = DEFAULT) -> str:
    return f"option --{name}" if name in session.typed else otherwise


def _spark() -> tuple[str, str]:
    from replay.submit import NAME, VARIABLE

    said = os.environ.get(VARIABLE)
    return said or NAME, f"variable {VARIABLE}" if said else DEFAULT


def _debug() -> tuple[str, str]:
    said = bool(os.environ.get(DEBUG))
    return str(said).lower(), f"variable {DEBUG}" if said else DEFAULT
