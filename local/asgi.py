"""HTTP on one machine: requests become the events that Lambda would get, for the same handlers."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import quote_from_bytes

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from edge.about import Health, about_pages, about_routes
from edge.caller import Caller
from edge.entrance import Entrance
from edge.limits import BODY_BYTES_MAX, FACTS_BYTES_MAX
from edge.openapi import Json, document
from edge.problems import unavailable
from edge.request import too_large
from edge.tokens import mint
from mainstem.discovery import Domain
from producers.facts import Sends, fact_routes
from producers.http import Asks, command_routes
from producers.http_pages import command_pages, fact_pages
from queries.http import view_routes
from queries.pages import view_pages
from queries.reader import Reader

THREADS_MAX = 80  # 64 reads may wait for a version, each on a thread, and work goes on
REQUESTS_MAX = 1_024  # in here at once; more are asked to come again
GRANT_AGE_S = 24 * 3600
SECOND_US = 1_000_000
ABOUT = "Commands in, views out. Every domain below is one file."
AS_IT_IS = bytes(range(33, 127))


class _Gone(Exception):
    """Whoever asked has left."""


class _Large(Exception):
    """More than is read."""

    def __init__(self, bytes_max: int) -> None:
        super().__init__(f"{bytes_max} bytes")
        self.bytes_max = bytes_max


def application(
    domains: Mapping[str, Domain],
    asking: Asks,
    reader: Reader,
    ingest: Sends,
    *,
    key: bytes,
    now: Callable[[], int],
    version: str,
    health: Health,
) -> Starlette:
    """All routes on one entrance. `key` signs tokens; `now` is in microseconds since 1970."""

    def sign(caller: Caller) -> str:
        return mint(key, caller, now() // SECOND_US, GRANT_AGE_S)

    routes = [
        *about_routes(version, health, partial(pages, domains, version)),
        *command_routes(domains, asking, sign),
        *fact_routes(domains, ingest, now),
        *view_routes(domains, reader),
    ]
    return Starlette(routes=[_Everything(Entrance(routes, key, now))])


def pages(domains: Mapping[str, Domain], version: str) -> Json:
    """The OpenAPI document of these domains."""
    parts = (about_pages(), command_pages(domains), fact_pages(domains), view_pages(domains))
    return document("Mainstem", version, ABOUT, parts)


class _Everything(BaseRoute):
    """Quick reads are answered where they arrive, everything else on a thread that may wait."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        self.threads = ThreadPoolExecutor(THREADS_MAX, "request")
        self.inside = 0

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """All of it: which addresses there are is the entrance's to say."""
        return Match.FULL, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        event = _event(scope)
        self.inside += 1
        try:
            await _sent(await self._answered(scope, receive, event), send)
        except _Gone:
            pass
        finally:
            self.inside -= 1

    async def _answered(self, scope: Scope, receive: Receive, event: Json) -> dict[str, Any]:
        if self.inside > REQUESTS_MAX:
            return self.entrance.refuse(event, unavailable("too many ask at once"))
        try:
            event |= _body(await _read(scope, receive))
        except _Large as large:
            return self.entrance.refuse(event, too_large(large.bytes_max))
        if _is_quick(scope):
            return self.entrance.answer(event)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self.entrance.answer, event)


def _is_quick(scope: Scope) -> bool:
    """A read by id takes microseconds, less than a thread's turn; it neither waits nor scans."""
    path: str = scope["path"]
    plain = scope["method"] == "GET" and not scope["query_string"]
    return plain and path.startswith("/v1/") and not path.endswith("/events")


def _event(scope: Scope) -> Json:
    """As API Gateway writes it (payload 2.0), but for what nobody here reads."""
    raw: bytes = scope.get("raw_path") or quote_from_bytes(scope["path"].encode()).encode()
    path = raw.decode() if raw.isascii() else quote_from_bytes(raw, AS_IT_IS)
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        text, named = value.decode("latin-1"), name.decode("latin-1").lower()
        headers[named] = f"{headers[named]},{text}" if named in headers else text
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": scope["query_string"].decode("latin-1"),
        "headers": headers,
        "requestContext": {
            "stage": "$default",
            "http": {"method": scope["method"], "path": path, "protocol": "HTTP/1.1"},
        },
    }


async def _read(scope: Scope, receive: Receive) -> bytes:
    """The body; as much of one that is too large as it takes to know that."""
    bytes_max = _bytes_max(scope)
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        read += message.get("body", b"")
        if len(read) > bytes_max:
            raise _Large(bytes_max)
        if not message.get("more_body", False):
            return bytes(read)


def _bytes_max(scope: Scope) -> int:
    """Facts come many at once, to /v1/DOMAIN."""
    bytes_max = FACTS_BYTES_MAX if scope["path"].count("/") == 2 else BODY_BYTES_MAX
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > bytes_max:
            raise _Large(bytes_max)
    return bytes_max


def _body(read: bytes) -> Json:
    try:
        return {"body": read.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(read).decode(), "isBase64Encoded": True}


async def _sent(answer: Mapping[str, Any], send: Send) -> None:
    body = answer["body"]
    raw = b"" if body is None else body.encode()
    headers = [(n.lower().encode(), v.encode("latin-1")) for n, v in answer["headers"].items()]
    if body is not None:
        headers.append((b"content-length", b"%d" % len(raw)))
    start = {"type": "http.response.start", "status": answer["statusCode"], "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": raw})
