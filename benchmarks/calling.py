"""A line to a server: HTTP over one connection that stays open, with little work on this end."""

from __future__ import annotations

import re
import socket
from types import TracebackType
from typing import NamedTuple, Self

READ_BYTES = 65_536
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answered(NamedTuple):
    """What came back: the body as it was."""

    status: int
    body: bytes


class Line:
    """Requests one after the other. `address` is such as http://127.0.0.1:8400."""

    def __init__(self, address: str, token: str = "") -> None:
        self.host, _, port = address.removeprefix("http://").partition(":")
        self.token = token
        self._socket = socket.create_connection((self.host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, no: BaseException | None, at: TracebackType | None
    ) -> None:
        self._socket.close()

    def get(self, path: str) -> Answered:
        """Reads."""
        self.send(self.request("GET", path))
        return self.receive()

    def post(self, path: str, body: bytes, media: str = "application/json") -> Answered:
        """Asks."""
        self.send(self.request("POST", path, body, media))
        return self.receive()

    def request(self, method: str, path: str, body: bytes = b"", media: str = "") -> bytes:
        """A request as it is sent."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if media:
            lines += [f"Content-Type: {media}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def send(self, request: bytes) -> None:
        """The next one; its answer comes after those of all before it."""
        self._socket.sendall(request)

    def receive(self) -> Answered:
        """The next answer."""
        head = self._until_blank()
        found = LENGTH.search(head)
        assert found is not None, "an answer says how long it is"
        return Answered(int(head[9:12]), self._take(int(found[1])))

    def _until_blank(self) -> bytes:
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            self._more()
        return self._take(end + 4)

    def _take(self, size: int) -> bytes:
        while len(self._read) < size:
            self._more()
        taken, self._read = self._read[:size], self._read[size:]
        return taken

    def _more(self) -> None:
        data = self._socket.recv(READ_BYTES)
        assert data, "the other end has gone"
        self._read += data
