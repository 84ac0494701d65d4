"""What every command takes: the global options, before or after the command's name; the answer."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

FOLDER = "MAINSTEM_FOLDER"
DEBUG = "MAINSTEM_DEBUG"


class Refusal(click.ClickException):
    """No, in one message on stderr; `data` says more to machines. Exit code 1."""

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.data = data


class NotNow(click.ClickException):
    """Not now, in one line on stderr: the same again may do. Exit code 3, and no result."""


class WrongUsage(click.ClickException):
    """What was typed breaks a rule of the domain's, in one line on stderr. Exit code 2."""

    def show(self, file: Any = None) -> None:
        """Without the usage of the command: that was not what was wrong."""
        click.echo(f"mainstem: {self.message}", file=file, err=file is None)


def refuse_nowhere(option: str, path: Path) -> None:
    """Before any work is done for a file that would lie in no folder."""
    if not path.parent.is_dir():
        raise WrongUsage(f"{option} {path}: there is no folder {path.parent}")


def default_folder() -> Path:
    """Where everything is stored, unless it is said otherwise."""
    return Path(os.environ.get(FOLDER) or "data")


@dataclass
class Session:
    """The global options, and two channels: results on stdout, progress and messages on stderr."""

    domains: Path = Path("domains")
    folder: Path = field(default_factory=default_folder)
    json: bool = False
    quiet: bool = False
    yes: bool = False
    typed: set[str] = field(default_factory=set)  # the options that were

    def answer(self, text: str, data: Any) -> None:
        """The result: text to read, or the same as JSON."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2) if self.json else text)

    def say(self, text: str, data: Any) -> None:
        """A result of several, as soon as it is known: a line, or a line of JSON."""
        click.echo(json.dumps(data, ensure_ascii=False) if self.json else text)

    def note(self, text: str) -> None:
        """What has to be known beside the answer; --quiet keeps it."""
        click.echo(f"mainstem: {text}", err=True)

    def progress(self, text: str, data: Any = None) -> None:
        """What is going on: a line, or a line of JSON where there is one; --quiet leaves it out."""
        if not self.quiet:
            said = self.json and data is not None
            click.echo(json.dumps(data, ensure_ascii=False) if said else text, err=True)


asks = click.make_pass_decorator(Session, ensure=True)


def _remember(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Said anywhere, it holds for the whole command line."""
    if value is not None and option.name is not None:
        session = context.find_root().ensure_object(Session)
        setattr(session, option.name, value)
        session.typed.add(option.name)


def _global(name: str, help: str, **options: Any) -> click.Option:
    return click.Option(
        [name], help=help, default=None, is_eager=True, expose_value=False,
        callback=_remember, **options,
    )  # fmt: skip


GLOBAL = (
    _global(
        "--domains",
        "The folder of domain files; ./domains unless told.",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
    ),
    _global(
        "--folder",
        f"The folder of all that is stored; ./data unless told here or by {FOLDER}.",
        metavar="PATH",
        type=click.Path(path_type=Path, file_okay=False),
    ),
    _global("--json", "Answer as JSON on stdout.", is_flag=True),
    _global("--quiet", "No progress on stderr.", is_flag=True),
    _global("--yes", "Go ahead where a command would refuse for safety.", is_flag=True),
)


class Command(click.Command):
    """A command that takes the global options too."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += GLOBAL

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The global options in a section of their own."""
        options = [p for p in self.get_params(context) if isinstance(p, click.Option)]
        own = [one for one in options if one not in GLOBAL]
        for title, shown in (("Options", own), ("Global options", GLOBAL)):
            records = [one.get_help_record(context) for one in shown]
            with formatter.section(title):
                formatter.write_dl([record for record in records if record])


class Commands(Command, click.Group):
    """Commands under one name."""

    command_class = Command
    group_class = type

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(context, formatter)
        self.format_commands(context, formatter)
