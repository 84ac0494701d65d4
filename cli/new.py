"""`mainstem new`: a domain file and its test, which pass as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import template
from cli.domains import load, shown
from cli.naming import view_name, wrong_with
from cli.session import Command, Refusal, Session, asks

if TYPE_CHECKING:
    from mainstem.discovery import Domain

TESTS = Path("tests", "domains")


@click.command(cls=Command)
@click.argument("name")
@asks
def new(session: Session, name: str) -> None:
    """Write a new domain, DIR/NAME.py, and its test.

    Both pass as they are: the test, the laws, ruff, mypy and pyright. Then make them yours. The
    file's name is the domain's stored name: snake_case, and for ever.

    \b
    Examples:
      mainstem new guestbook
      mainstem new orders --domains shop/domains
    """
    folder = session.domains.resolve()
    _refuse_wrong(name, folder)
    view = view_name(name)
    texts = {
        folder / f"{name}.py": template.domain(name, view),
        folder.parent / TESTS / f"test_{name}.py": template.test(name, folder.name),
    }
    _refuse_taken(session.domains, view, texts)
    written = _write(texts, folder)
    data = {"domain": name, "view": view, "written": [str(file) for file in written]}
    session.answer("\n".join(f"wrote {shown(file)}" for file in written), data)
    session.progress(_next(name, session.domains, *map(shown, texts)))


def _refuse_wrong(name: str, folder: Path) -> None:
    wrong = wrong_with(name)
    if wrong:
        raise click.BadParameter(wrong, param_hint="NAME")
    if not folder.name.isidentifier():
        raise click.BadParameter(f"{folder.name} can't be imported", param_hint="--domains")


def _refuse_taken(folder: Path, view: str, texts: Mapping[Path, str]) -> None:
    for file in texts:
        if file.exists():
            raise Refusal(f"{shown(file)} is there already; nothing was written")
    if not folder.resolve().parent.is_dir():
        raise Refusal(f"there is no folder {folder.parent} to write in")
    for domain in _neighbours(folder):
        for other in domain.views:
            if other.lower() == view.lower():  # views of all domains share one address space
                raise Refusal(f"{domain.name} has a view {other} already; choose another")


def _neighbours(folder: Path) -> Iterable[Domain]:
    """The domains there are; what is broken among them, `check` reports."""
    try:
        return load(folder).values()
    except Refusal:
        return ()


def _write(texts: Mapping[Path, str], domains: Path) -> list[Path]:
    """All of these files, or none; a folder made for one becomes a package."""
    written: list[Path] = []
    try:
        for path, text in texts.items():
            for folder in reversed([one for one in path.parents if not one.exists()]):
                folder.mkdir()
                says = template.PACKAGE if folder == domains else ""
                written.append(_created(folder / "__init__.py", says))
            written.append(_created(path, text))
    except BaseException:
        for file in written:
            file.unlink()
        raise
    return written


def _created(path: Path, text: str) -> Path:
    with path.open("x", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def _next(name: str, folder: Path, domain: str, test: str) -> str:
    check = f"mainstem check {name}"
    if folder != Session.domains:
        check += f" --domains {folder}"
    return (
        f"\nNext:\n"
        f"  {domain:38}  open it, and say what happens in your domain\n"
        f"  {f'pytest {test}':38}  its rules, and the laws of every domain\n"
        f"  {check:38}  is it safe to release?"
    )
