"""`mainstem up`: API, consumers and search on this machine, until it is told to stop."""

from __future__ import annotations

import ipaddress
import logging
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from cli.domains import load
from cli.session import Command, NotNow, Session, asks

if TYPE_CHECKING:
    from local.up import Address
    from mainstem.discovery import Domain

PORT = 8400
HOST = "127.0.0.1"


@click.command(cls=Command)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    metavar="N",
    help="Where to listen; 0 takes a free port and says which.",
)
@click.option(
    "--host", default=HOST, show_default=True, metavar="ADDRESS", help="Which address to listen on."
)
@click.option(
    "--exposed",
    is_flag=True,
    help="Let other machines in: needed for an address that is not loopback. There is no TLS here.",
)
@asks
def up(session: Session, port: int, host: str, exposed: bool) -> None:
    """API, consumers and search on this machine, until it is told to stop.

    Everything is in the folder: what was acknowledged is on the disk, whatever happens to this
    process. A view whose folds changed is folded anew before anything is served. Ctrl-C stops it.

    \b
    Examples:
      mainstem up
      mainstem up --folder shop --port 8080
    """
    from local.up import Address

    _refuse_exposed(host, exposed)
    found = load(session.domains)
    logging.basicConfig(stream=sys.stderr, format="mainstem: %(message)s", level=logging.WARNING)

    in_time = _served(session, found, Address(host, port))
    session.progress("stopped" if in_time else "stopped; some work was cut short, nothing is lost")


def _served(session: Session, domains: Mapping[str, Domain], address: Address) -> bool:
    """Whether everything ended in time, once it was told to stop."""
    from cli.engaged import telling
    from cli.main import version
    from local.up import AlreadyUp, Occupied
    from local.up import up as serve

    with ExitStack() as shown:
        told = shown.enter_context(telling(session))

        def ready(where: str) -> None:
            shown.close()  # no bar stays on a terminal once it serves
            text = f"up: {where} · {where}/docs · folder {session.folder} · Ctrl-C stops it"
            session.answer(text, {"address": where, "folder": str(session.folder)})

        try:
            return serve(session.folder, domains, address, version(), told, ready)
        except (AlreadyUp, Occupied) as busy:
            raise NotNow(str(busy)) from None


def _refuse_exposed(host: str, exposed: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        raise click.BadParameter("an IP address, or localhost", param_hint="--host") from None
    if not loopback and not exposed:
        text = f"other machines could reach {host}; say --exposed if that is meant"
        raise click.BadParameter(text, param_hint="--host")
