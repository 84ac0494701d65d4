"""No test reaches for the network: an audit hook sees every socket that Python opens."""

import ipaddress
import socket
from typing import cast

SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}
ASKING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}


class NetworkRefused(BaseException):
    """No `Exception`: neither a retry nor a broad `except` may swallow it."""


def refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    """For `sys.addaudithook`: this process talks to itself and its neighbours only."""
    if event in SENDING:
        connection, address = cast("tuple[socket.socket, object]", arguments[:2])
        # A connected socket sends without naming an address; a Unix socket's address is a file.
        if address is None or connection.family is socket.AF_UNIX:
            return
        host = address[0] if isinstance(address, tuple) else address
    elif event in ASKING:
        host = arguments[0]
    else:
        return
    if not _stays_here(host):
        raise NetworkRefused(f"a test reached for the network: {event} {host!r}")


def _stays_here(host: object) -> bool:
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False
