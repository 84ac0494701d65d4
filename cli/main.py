"""The entry: every way out is an exit code and at most one message, never a traceback.

0 done · 1 found a difference or refused · 2 wrong usage · 3 not now, run it again.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import tomllib
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from cli.archive import archive
from cli.ask import ask
from cli.check import check
from cli.completion import completion
from cli.config import config
from cli.demo import demo
from cli.doctor import doctor
from cli.history import history
from cli.ingest import ingest
from cli.interrupt import INTERRUPTED, NOT_NOW, hear, interrupted
from cli.list import list_
from cli.new import new
from cli.parked import parked
from cli.quarantine import quarantine
from cli.rebuild import rebuild
from cli.schema import schema
from cli.session import DEBUG, Commands, NotNow, Refusal, Session
from cli.show import show
from cli.sim import sim
from cli.sql import sql
from cli.status import status
from cli.tail import tail
from cli.token import token
from cli.up import up

DONE, DIFFERENT, WRONG_USAGE = range(3)
PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def version() -> str:
    """As the clone says it; where there is no clone, as it was installed."""
    if PYPROJECT.is_file():
        return str(tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["version"])
    return importlib.metadata.version("mainstem")


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        number = version()
        context.ensure_object(Session).answer(f"mainstem {number}", {"version": number})
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, expose_value=False, callback=_show_version, help="Say the version."
)
def mainstem() -> None:
    """Mainstem: a domain is one file; everything else follows from it.

    \b
    First steps:
      mainstem demo               see what the language is
      mainstem new guestbook      write a domain and its test
      mainstem check guestbook    is it safe to release?
      mainstem up                 serve it on this machine; --help of each command says more

    Exit codes: 0 done, 1 found a difference or refused, 2 wrong usage, 3 not now (run it again).
    Results go to stdout, progress and messages to stderr.
    """


WRITE = (new, check, sim, schema)
RUN = (demo, up, doctor, config, token, completion)
READ = (ask, ingest, show, list_, history, tail, sql)
OPERATE = (status, archive, rebuild, parked, quarantine)
for command in (*WRITE, *RUN, *READ, *OPERATE):
    mainstem.add_command(command)


def main(args: Sequence[str] | None = None) -> None:
    """The `mainstem` command."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # whoever called has closed it
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="replace")
    hear()
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Runs one command line and says how it ended."""
    words = sys.argv[1:] if args is None else list(args)
    try:
        code: Any = mainstem.main(words, prog_name="mainstem", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except click.ClickException as no:
        return _ended(no, words)
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except Exception as error:  # noqa: BLE001
        return _interrupted() if interrupted() else _unexpected(error, words)


def _interrupted() -> int:
    click.echo(INTERRUPTED, err=True)
    return NOT_NOW


def _unexpected(error: Exception, words: Sequence[str]) -> int:
    from cli.endings import ending

    known = ending(error)
    if known is not None:
        return _ended(known, words)
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return _failed(f"{error.strerror or error}{where}", {}, words)
    return _failed(_confession(error), {}, words)


def _ended(no: click.ClickException, words: Sequence[str]) -> int:
    match no:
        case Refusal():
            return _failed(no.message, {"error": no.message.splitlines()[0], **no.data}, words)
        case NotNow():
            click.echo(f"mainstem: {no.message}", err=True)
            return NOT_NOW
        case _:
            no.show()
            return WRONG_USAGE


def _failed(message: str, data: Mapping[str, Any], words: Sequence[str]) -> int:
    if "--json" in words:
        said = data or {"error": message}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    click.echo(f"mainstem: {message}", err=True)
    return DIFFERENT


def _confession(bug: Exception) -> str:
    """One line: a traceback means nothing to a user, and everything to who asks for it."""
    if os.environ.get(DEBUG):
        traceback.print_exception(bug)
    last = traceback.extract_tb(bug.__traceback__)[-1]
    what = " ".join(f"{type(bug).__name__}: {bug}".split())[:200]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return f"a bug in Mainstem, please report it: {what} ({where}; {DEBUG}=1 shows more)"
