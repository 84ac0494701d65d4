"""Domains as commands get them: loaded, one or all; every flaw of every file in one answer."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from cli.session import Refusal, Session, WrongUsage

if TYPE_CHECKING:
    from mainstem.discovery import Domain, Flaw


def names(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The domains there are, for completion: by their files' names, since importing takes time."""
    found = names_in(context.find_root().ensure_object(Session).domains)
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]


def names_in(folder: Path) -> list[str]:
    """The domains of a folder by their files' names, whether or not they can be loaded."""
    return sorted(file.stem for file in folder.glob("[!_]*.py"))


name_argument = click.argument("name", required=False, shell_complete=names)


def load(folder: Path) -> Mapping[str, Domain]:
    """Every domain of the folder. Refuses with every flaw found."""
    from mainstem.discovery import Flawed, discover

    try:
        with redirect_stdout(sys.stderr):  # what a domain prints is no part of our answer
            return discover(folder)
    except Flawed as wrong:
        raise _flawed(folder, wrong.flaws) from None


def _flawed(folder: Path, flaws: Sequence[Flaw]) -> Refusal:
    lines = "\n".join(f"  {_place(one)}: {one.text}" for one in flaws)
    many = "1 flaw" if len(flaws) == 1 else f"{len(flaws)} flaws"
    data = [{"file": str(one.file), "line": one.line, "text": one.text} for one in flaws]
    return Refusal(f"{many} in {folder}\n{lines}", flaws=data)


def _place(flaw: Flaw) -> str:
    return f"{shown(flaw.file)}:{flaw.line}" if flaw.line else shown(flaw.file)


def pick(found: Mapping[str, Domain], name: str | None) -> Mapping[str, Domain]:
    """The domain of this name, or all."""
    if name is None:
        return found
    must_be_one_of(name, found)
    return {name: found[name]}


def must_be_one_of(name: str, known: Collection[str], what: str = "domain") -> None:
    """Wrong usage, with the nearest name there is."""
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        there = f"there are {', '.join(sorted(known))}" if known else "there is none"
        hint = f"did you mean {near[0]}?" if near else there
        raise WrongUsage(f"no {what} is called {name!r}; {hint}")


def shown(file: Path) -> str:
    """A path as a person would type it here."""
    try:
        return str(file.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(file)
