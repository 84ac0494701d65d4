"""The envelope: what travels with an event, for ever. One JSON object, read with suspicion.

(tenant, domain, id, version) is the identity. Bytes that our own encoder would write take a quick
way; any other spelling is read again by a strict parser, since duplicate keys, integers beyond
2**53 and U+0000 mean different things to different engines.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Generic, NoReturn

import msgspec
from msgspec import Meta

from mainstem._kind import WHOLE_MAX
from mainstem._refusal import Unfit

EVENT_BYTES_MAX = 64 * 1024
JSON_DEPTH_MAX = 32
ID_CHARACTERS_MAX = 256  # as long as a Kinesis partition key, and as any email address
NAME_CHARACTERS_MAX = 256
SCHEMA_MAX = 10_000
BACKSLASH = ord("\\")

if TYPE_CHECKING:  # `Envelope` alone is Envelope[Any]
    from typing_extensions import TypeVar

    V = TypeVar("V", default=Any)
else:
    from typing import TypeVar

    V = TypeVar("V")

Name = Annotated[str, Meta(max_length=NAME_CHARACTERS_MAX)]
Scalar = None | bool | float | str | Annotated[int, Meta(ge=-WHOLE_MAX, le=WHOLE_MAX)]


class Envelope(
    msgspec.Struct,
    Generic[V],
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """An event with its circumstances. `at` is in microseconds since 1970, UTC."""

    tenant: str
    domain: str
    id: Annotated[str, Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
    version: Annotated[int, Meta(ge=1, le=WHOLE_MAX)]
    type: str
    schema: Annotated[int, Meta(ge=1, le=SCHEMA_MAX)]
    at: Annotated[int, Meta(ge=-WHOLE_MAX, le=WHOLE_MAX)]
    by: Name
    data: dict[str, V]
    command: Name | None = None
    cause: Name | None = None
    correlation: Name | None = None


_DECODER = msgspec.json.Decoder(Envelope)
_PLAIN_DECODER = msgspec.json.Decoder(Envelope[Scalar | list[Scalar]])  # looks at numbers in C
_ENCODER = msgspec.json.Encoder()


def encode(envelope: Envelope) -> bytes:
    """The bytes that are stored. Raises Unfit."""
    raw = _quickly(envelope) or _with_care(envelope)
    _check(envelope)
    if len(raw) > EVENT_BYTES_MAX:
        raise _too_long(raw)
    return raw


def _quickly(envelope: Envelope) -> bytes | None:
    """The bytes, if they are plain and say the same again when they are read."""
    try:
        raw = _ENCODER.encode(envelope)
        if BACKSLASH in raw and b"\\u0000" in raw:
            return None
        return raw if _PLAIN_DECODER.decode(raw) == envelope else None
    except (TypeError, ValueError, RecursionError):
        return None  # a walk through it finds the words


def _with_care(envelope: Envelope) -> bytes:
    _walk(msgspec.structs.asdict(envelope), 0)
    try:
        raw = _ENCODER.encode(envelope)
        _DECODER.decode(raw)  # a Struct checks its limits when it is decoded, not when it is made
    except (TypeError, ValueError, RecursionError) as wrong:
        raise Unfit(f"envelope: {wrong}") from None
    return raw


def decode(raw: bytes) -> Envelope:
    """The envelope in these bytes, or Unfit: never another error, never a guess."""
    if len(raw) > EVENT_BYTES_MAX:
        raise _too_long(raw)
    envelope = _quick(raw) or _strict(raw)
    _check(envelope)
    return envelope


def _too_long(raw: bytes) -> Unfit:
    return Unfit(f"envelope: {len(raw)} bytes; an event has {EVENT_BYTES_MAX} at most")


def _quick(raw: bytes) -> Envelope | None:
    """The envelope if these are the very bytes we would write and nothing needs a closer look."""
    if BACKSLASH in raw and b"\\u0000" in raw:  # one byte is found far sooner than six
        return None
    try:
        envelope = _PLAIN_DECODER.decode(raw)
        return envelope if _ENCODER.encode(envelope) == raw else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None  # the strict reader finds the words for it


def _strict(raw: bytes) -> Envelope:
    try:
        found = json.loads(
            raw.decode(), object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_float
        )
        _walk(found, 0)
        return msgspec.convert(found, Envelope)
    except Unfit:
        raise
    except RecursionError:
        raise Unfit(f"envelope: nested deeper than {JSON_DEPTH_MAX}") from None
    except (ValueError, msgspec.MsgspecError) as wrong:  # JSON and UTF-8 errors are ValueErrors
        raise Unfit(f"envelope: {str(wrong)[:200]}") from None


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unfit("envelope: a key stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise Unfit(f"envelope: {name} is no number that JSON knows")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Unfit(f"envelope: {text[:40]} is beyond a real number's range")
    return number


def _walk(value: Any, depth: int) -> None:
    """Every value can be stored, and is JSON."""
    if depth > JSON_DEPTH_MAX:
        raise Unfit(f"envelope: nested deeper than {JSON_DEPTH_MAX}")
    if isinstance(value, dict):
        for key, one in value.items():
            _walk_text(key)
            _walk(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _walk(one, depth + 1)
    elif isinstance(value, str):
        _walk_text(value)
    else:
        _walk_number(value)


def _walk_number(value: object) -> None:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unfit("envelope: a real number is finite")
    elif isinstance(value, int):
        if not -WHOLE_MAX <= value <= WHOLE_MAX:
            raise Unfit("envelope: whole numbers end at 2**53 - 1 either way")
    elif value is not None:
        raise Unfit(f"envelope: {type(value).__name__} is no JSON")


def _walk_text(text: object) -> None:
    if not isinstance(text, str):
        raise Unfit(f"envelope: a key is text, not {type(text).__name__}")
    if "\0" in text:
        raise Unfit("envelope: text holds no U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unfit("envelope: text holds no lone surrogates") from None


def _check(envelope: Envelope) -> None:
    _names(envelope.tenant, envelope.domain, envelope.type)
    if not envelope.id.isprintable():  # ids stand in logs and addresses: no control characters
        raise Unfit(f"id: {envelope.id[:40]!r} has characters that can't be printed")


@lru_cache(maxsize=4096)
def _names(tenant: str, domain: str, type: str) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,62}", tenant):
        raise Unfit(f"tenant: {tenant[:40]!r} is not lower-case letters, digits, _ and -")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", domain):
        raise Unfit(f"domain: {domain[:40]!r} is no file name of a domain")
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]{0,62}", type):
        raise Unfit(f"type: {type[:40]!r} is no name of an event")
