"""Completing: names a shell may offer. Read from the text of domain files: importing takes time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from cli.naming import snake
from cli.session import Session

VIEW = re.compile(r"^class (\w+)\(\s*(?:[^()]*[\s,])?View\b", re.MULTILINE)
COMMAND = re.compile(r"^class (\w+)\(\s*Command\[", re.MULTILINE)


def views(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The views of all domains."""
    files = context.find_root().ensure_object(Session).domains.glob("[!_]*.py")
    return _fitting((one for file in files for one in _named(VIEW, file)), incomplete)


def commands(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The commands of the domain that was typed before."""
    domain = str(context.params.get("where") or "").partition("/")[0]
    files = context.find_root().ensure_object(Session).domains.glob("[!_]*.py")
    own = (file for file in files if file.stem == domain)
    return _fitting((one for file in own for one in _named(COMMAND, file)), incomplete)


def _named(pattern: re.Pattern[str], file: Path) -> list[str]:
    return [snake(name) for name in pattern.findall(file.read_text("utf-8", errors="replace"))]


def _fitting(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(one) for one in sorted(set(names)) if one.startswith(incomplete)]
