"""Who asks: --as and --role, as commands take them."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli.session import WrongUsage

if TYPE_CHECKING:
    from edge.caller import Caller

F = TypeVar("F", bound=Callable[..., Any])
SYSTEM = "system"


def as_option(help: str, *, required: bool = False) -> Callable[[F], F]:
    """Whose name is meant."""
    return click.option("--as", "who", metavar="WHO", required=required, help=help)


role_option = click.option(
    "--role", "roles", metavar="ROLE", multiple=True, help="A role of theirs; again for each other."
)


def caller(who: str | None, roles: Sequence[str]) -> Caller:
    """The caller of this name; the one who is at the keyboard unless another is named."""
    from edge.caller import Caller

    by = me() if who is None else who
    if by == SYSTEM:
        raise WrongUsage("--as system: timers and reactions ask under this name, nobody else does")
    for name in (by, *roles):
        if not name or not name.isprintable():
            raise WrongUsage(f"{name!r} is no name: it has characters, all of them printable")
    return Caller(by, frozenset(roles))


def me() -> str:
    """The name under which this machine knows whoever is at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without users
        return "me"


def named(who: str | None, roles: Sequence[str]) -> Caller | None:
    """The caller where one was named; None: whoever owns the folder."""
    return None if who is None and not roles else caller(who, roles)
