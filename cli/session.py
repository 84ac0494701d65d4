"""What every command takes: the global options, before or after the command's name; the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click


class Refusal(click.ClickException):
    """No, in one message on stderr; `data` says more to machines. Exit code 1."""

    def __init__(self, message: str, **data: Any) -> None:
        super().__init__(message)
        self.data = data


@dataclass
class Session:
    """The global options, and two channels: results on stdout, progress and messages on stderr."""

    domains: Path = Path("domains")
    json: bool = False
    quiet: bool = False
    yes: bool = False

    def answer(self, text: str, data: Any) -> None:
        """The result: text to read, or the same as JSON."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2) if self.json else text)

    def progress(self, text: str) -> None:
        """What is going on, for people; --quiet leaves it out."""
        if not self.quiet:
            click.echo(text, err=True)


asks = click.make_pass_decorator(Session, ensure=True)


def _remember(context: click.Context, option: click.Parameter, value: Any) -> None:
    """Said anywhere, it holds for the whole command line."""
    if value is not None and option.name is not None:
        setattr(context.find_root().ensure_object(Session), option.name, value)


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
