"""The request: what API Gateway's payload v2 event holds, taken apart once and with suspicion."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from edge.caller import Caller
from edge.problems import Problem, flawed, invalid
from mainstem.envelope import ID_CHARACTERS_MAX

CORRELATION_CHARACTERS_MAX = 64
CORRELATION_BYTES = 16
NO_ID = f"has from 1 to {ID_CHARACTERS_MAX} characters, all of them printable"
PLAIN = "/%-._~()'!*:@,;=+&$"
UNUSUAL = re.compile(rf"[^A-Za-z0-9{re.escape(PLAIN)}]")
Event = Mapping[str, Any]


class Request(NamedTuple):
    """One request: who sent it, and everything that it may be answered from."""

    method: str
    path: str  # as it was sent: still percent-encoded
    names: Mapping[str, str]  # what the route's <names> stand for, decoded
    query: str
    headers: Mapping[str, str]  # by lower-case name; several of one name are joined by commas
    body: bytes
    caller: Caller
    correlation: str


def arrived(event: Event, names: Mapping[str, str], caller: Caller, correlation: str) -> Request:
    """The request in this event."""
    return Request(
        method_of(event), path_of(event), names, event.get("rawQueryString") or "",
        headers_of(event), body_of(event), caller, correlation,
    )  # fmt: skip


def plainly(event: Event) -> Event:
    """The same event with its path as an address is written: the resolver knows no others.

    API Gateway's HTTP APIs decode the path; a function's own URL, and we, leave it as it was sent.
    """
    path = path_of(event)
    return {**event, "rawPath": quote(path, PLAIN)} if UNUSUAL.search(path) else event


def method_of(event: Event) -> str:
    """GET, POST, …"""
    method: str = event["requestContext"]["http"]["method"]
    return method


def path_of(event: Event) -> str:
    """The path as it was sent: still percent-encoded."""
    path: str = event["rawPath"]
    return path


def headers_of(event: Event) -> Mapping[str, str]:
    """Its headers, by lower-case name."""
    found: Mapping[str, str] = event.get("headers") or {}
    return found


def body_of(event: Event) -> bytes:
    """Its body, as bytes."""
    body: str = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def correlation_of(headers: Mapping[str, str]) -> str:
    """The name under which one request is found in every log: the caller's, or a fresh one."""
    given = headers.get("x-correlation-id", "")
    if given.isascii() and given.isprintable() and 0 < len(given) <= CORRELATION_CHARACTERS_MAX:
        return given
    return token_hex(CORRELATION_BYTES)


def decoded(names: Mapping[str, str]) -> Mapping[str, str]:
    """Path segments as they are meant. They are matched encoded, for an id may hold a slash."""
    return {name: _decoded(name, text) for name, text in names.items()}


def segments_of(path: str) -> tuple[str, ...]:
    """The parts of a path between its slashes, as they are meant."""
    return tuple(_decoded("path", part) for part in path.split("/")[1:])


def _decoded(name: str, text: str) -> str:
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise invalid(name, "is no UTF-8") from None


def identity(names: Mapping[str, str], name: str) -> str:
    """An id or a key from the address. Raises a Problem where there can be none."""
    text = names[name]
    if not text.isprintable():
        raise invalid(name, "has characters that can't be printed")
    if len(text) > ID_CHARACTERS_MAX:
        raise invalid(name, f"has more than {ID_CHARACTERS_MAX} characters")
    return text


def can_be_id(text: str) -> bool:
    """Whether anything can be called so."""
    return 0 < len(text) <= ID_CHARACTERS_MAX and text.isprintable()


def refuse_media(headers: Mapping[str, str], media: str) -> None:
    """Raises a Problem, 415, unless the body is said to be of this type, in UTF-8, as it is.

    It has to be said: a page of anybody's may have a browser post a body of no type, or of some.
    """
    given, _, options = headers.get("content-type", "").partition(";")
    charset = options.replace('"', "").strip().lower()
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if given.strip().lower() != media or charset not in ("", "charset=utf-8"):
        raise _unsupported("Content-Type", f"is {media}, in UTF-8")
    if encoding not in ("", "identity"):
        raise _unsupported("Content-Encoding", "is none: bodies are sent as they are")


def _unsupported(at: str, rule: str) -> Problem:
    return flawed(415, "unsupported", at, rule)


def refuse_large(body: bytes, bytes_max: int) -> None:
    """Raises a Problem, 413."""
    if len(body) > bytes_max:
        raise too_large(bytes_max)


def too_large(bytes_max: int) -> Problem:
    """413: more than is read."""
    return flawed(413, "too large", "", f"has more than {bytes_max} bytes")
