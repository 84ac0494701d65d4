"""`mainstem token`: a bearer token for the API of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cli.session import Command, Session, asks
from cli.who import as_option, caller, role_option

if TYPE_CHECKING:
    from edge.caller import Caller
    from local.adapters import Adapters

HOURS = 24
HOURS_MAX = 24 * 366
HOUR_S = 3600
SECOND_US = 1_000_000


@click.command(cls=Command)
@as_option("Whom the API is to take its bearer for.", required=True)
@role_option
@click.option(
    "--hours",
    type=click.IntRange(1, HOURS_MAX),
    default=HOURS,
    show_default=True,
    metavar="N",
    help="How long it holds.",
)
@asks
def token(session: Session, who: str, roles: Sequence[str], hours: int) -> None:
    """Print a bearer token, signed with the folder's own key.

    Whoever has it is taken for that person, so keep it as you keep the folder. It holds for the
    API of this folder only, and can't be taken back.

    \b
    Examples:
      mainstem token --as ann
      curl -H "Authorization: Bearer $(mainstem token --as ann --role payments)" localhost:8400/v1/…
    """
    from cli.engaged import opened
    from mainstem.protocol.drive import drive
    from queries.shown import moment

    bearer = caller(who, roles)
    with opened(session) as ports:
        now_s = drive(ports.clock.now()) // SECOND_US
        text, until = signed(ports, bearer, now_s, hours), now_s + hours * HOUR_S
    session.answer(
        text,
        {"token": text, "as": who, "roles": sorted(roles), "until": moment(until * SECOND_US)},
    )


def signed(ports: Adapters, bearer: Caller, from_s: int, hours: int) -> str:
    """A token that says who this is, from then on for so long."""
    from edge.tokens import mint, verify
    from local.secrets import TOKENS
    from mainstem.protocol.drive import drive

    key = drive(ports.keys.secret(TOKENS))
    text = mint(key, bearer, from_s, hours * HOUR_S)
    verify(text, key, from_s)  # raises a Problem where the API would not take it
    return text
