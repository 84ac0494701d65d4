"""HTTP on one machine: requests become the events that Lambda would get, for the same handlers."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import quote_from_bytes

from edge.about import Health, about_pages, about_routes
from edge.caller import Caller
from edge.entrance import Entrance
from edge.openapi import Json, document
from edge.problems import Problem, unavailable
from edge.request import too_large
from edge.tokens import mint
from mainstem.discovery import Domain
from producers.facts import Sends, fact_routes
from producers.http import Asks, command_routes
from producers.http_pages import command_pages, fact_pages
from queries.http import view_routes
from queries.pages import view_pages
from queries.reader import WAITS_MAX, Reader

THREADS_MAX = WAITS_MAX + 16  # reads that wait for a version have one each, and work goes on
READ_S_MAX = 30.0  # for a body; whoever is slower is not waited for
REQUESTS_MAX = 1_024  # in here at once; more are asked to come again
GRANT_AGE_S = 24 * 3600
SECOND_US = 1_000_000
ABOUT = "Commands in, views out. Every domain below is one file."
LOOPBACK = ("127.0.0.1", "::1")
AS_IT_IS = bytes(range(33, 127))
HOST = re.compile(r"(?:\[([^\[\]]+)\]|([^:\[\]]+))(?::[0-9]{1,5})?")
HOSTS_KEPT_MAX = 256


Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Gone(Exception):
    """Whoever asked has left."""


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
) -> Door:
    """All routes on one entrance. `key` signs tokens; `now` is in microseconds since 1970."""

    def sign(caller: Caller, at: int) -> str:
        # From when it was granted on: asked again, it lasts no longer.
        return mint(key, caller, (at or now()) // SECOND_US, GRANT_AGE_S)

    routes = [
        *about_routes(version, health, partial(pages, domains, version)),
        *command_routes(domains, asking, sign),
        *fact_routes(domains, ingest, now),
        *view_routes(domains, reader, key),
    ]
    return Door(Entrance(routes, key, now))


def pages(domains: Mapping[str, Domain], version: str) -> Json:
    """The OpenAPI document of these domains."""
    parts = (about_pages(), command_pages(domains), fact_pages(domains), view_pages(domains))
    return document("Mainstem", version, ABOUT, parts)


class Door:
    """The ASGI application: one entrance, whatever the address.

    Quick reads are answered where they arrive, everything else on a thread that may wait.
    """

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        self.threads = ThreadPoolExecutor(THREADS_MAX, "request")
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        event = _event(scope)
        try:
            _refuse_host(scope, event["headers"])
            if _has_body(event["headers"]):
                event |= _body(await _read(event["headers"], receive, self.entrance.admit(event)))
            answer = await self._counted(scope, event)
        except _Gone:
            return
        except Problem as no:
            answer = self.entrance.refuse(event, no)
        await _sent(answer, send)

    async def _counted(self, scope: Scope, event: Json) -> dict[str, Any]:
        """Only what has arrived counts: who sends slowly takes nobody's place."""
        if self.inside >= REQUESTS_MAX:
            raise unavailable("too many ask at once")
        self.inside += 1
        try:
            return await self._answered(scope, event)
        finally:
            self.inside -= 1

    async def _answered(self, scope: Scope, event: Json) -> dict[str, Any]:
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


def _refuse_host(scope: Scope, headers: Mapping[str, str]) -> None:
    """A page elsewhere may have its own name lead to loopback; its browser takes us for it then."""
    here = (scope.get("server") or ("",))[0] in LOOPBACK
    if here and not _is_ours(headers.get("host", "localhost")):
        raise Problem(421, "misdirected", "ask for an IP address, or for localhost")


@lru_cache(maxsize=HOSTS_KEPT_MAX)
def _is_ours(host: str) -> bool:
    """Whether it is no name that somebody could have led here."""
    found = HOST.fullmatch(host)
    if found is None:
        return False
    name = found[1] or found[2]
    try:
        return name.lower() == "localhost" or bool(ip_address(name))
    except ValueError:
        return False


def _has_body(headers: Mapping[str, str]) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


async def _read(headers: Mapping[str, str], receive: Receive, bytes_max: int) -> bytes:
    """The body, as long as it comes. Raises a Problem where it is too large, or too slow."""
    if int(headers.get("content-length", "0")) > bytes_max:
        raise too_large(bytes_max)
    try:
        async with asyncio.timeout(READ_S_MAX):
            return await _received(receive, bytes_max)
    except TimeoutError:
        detail = f"the body did not come within {READ_S_MAX:g} seconds"
        raise Problem(408, "too slow", detail, headers={"Connection": "close"}) from None


async def _received(receive: Receive, bytes_max: int) -> bytes:
    read = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        read += message.get("body", b"")
        if len(read) > bytes_max:
            raise too_large(bytes_max)
        if not message.get("more_body", False):
            return bytes(read)


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
