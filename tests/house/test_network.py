"""The lock on the network is tried, so that it can't have been left open."""

import socket
from pathlib import Path

import pytest

from tests.house.network import NetworkRefused

# Reserved for documentation: nobody answers there, should the lock ever fail.
FAR_AWAY = ("192.0.2.1", 443)
FAR_AWAY_IPV6 = ("2001:db8::1", 443)


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as line, pytest.raises(NetworkRefused, match=r"connect '192\.0\.2\.1'"):
        line.connect(FAR_AWAY)


def test_a_connection_over_ipv6_is_refused() -> None:
    with socket.socket(socket.AF_INET6) as line, pytest.raises(NetworkRefused):
        line.connect(FAR_AWAY_IPV6)


def test_a_datagram_to_another_machine_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as line, pytest.raises(NetworkRefused):
        line.sendto(b"hello", FAR_AWAY)


def test_a_name_is_not_even_looked_up() -> None:
    with pytest.raises(NetworkRefused, match=r"getaddrinfo 'mainstem\.example'"):
        socket.create_connection(("mainstem.example", 443))


def test_a_broad_except_does_not_hide_it() -> None:
    def careless() -> None:
        try:
            socket.create_connection(FAR_AWAY)
        except Exception as error:  # noqa: BLE001 - the point of the test
            pytest.fail(f"swallowed {error!r}")

    with pytest.raises(NetworkRefused):
        careless()


def test_this_machine_may_talk_to_itself() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ear, socket.socket() as mouth:
        mouth.connect(("localhost", ear.getsockname()[1]))
        mouth.sendall(b"hello")
        heard, _ = ear.accept()
        with heard:
            assert heard.recv(5) == b"hello"


def test_neighbours_may_talk_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as ear, socket.socket(socket.AF_UNIX) as mouth:
        ear.bind("line")
        ear.listen()
        mouth.connect("line")
