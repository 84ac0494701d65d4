"""Bundles: one record on the feed. A header line, then the envelopes, each on a line of its own.

The header says how many there are and what they hash to, so a record that was cut, mixed up or
made by somebody else is known for what it is before anything of it is believed. The bundle of a
lane also says which producer made it and, by number, after which other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.envelope import EVENT_BYTES_MAX, Envelope, decode

BUNDLE_BYTES_MAX = 512 * 1024
BUNDLE_EVENTS_MAX = 500
LANES = 512  # fixed for ever: a fact's lane follows from its aggregate's id, by two bytes of a hash
FORMAT = 1
DIGEST_BYTES = 8


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The first line. `producer` and `n` are those of a lane's bundle."""

    bundle: int
    count: int
    digest: str
    producer: str = ""
    n: int = 0


class Opened(NamedTuple):
    """A bundle that was read: its lines as they were, and what they say."""

    header: Header
    lines: tuple[bytes, ...]
    envelopes: tuple[Envelope, ...]


_HEADER = msgspec.json.Decoder(Header)


def lane_of(aggregate: Aggregate) -> str:
    """The partition key of its facts."""
    tenant, domain, id = aggregate
    digest = blake2b(f"{tenant}\0{domain}\0{id}".encode(), digest_size=8).digest()
    return f"{tenant}/{domain}/~{(digest[-2] << 8 | digest[-1]) % LANES}"


def bundled(lines: Iterable[bytes], producer: str = "", n: int = 0) -> bytes:
    """These encoded envelopes as one record."""
    lines = tuple(lines)
    body = b"\n".join(lines)
    header = Header(FORMAT, len(lines), _digest(body), producer, n)
    data = msgspec.json.encode(header) + b"\n" + body
    assert 0 < len(lines) <= BUNDLE_EVENTS_MAX, f"{len(lines)} events in a bundle"
    assert len(data) <= BUNDLE_BYTES_MAX, f"{len(data)} bytes in a bundle"
    return data


def opened(key: str, data: bytes) -> Opened:
    """The bundle in this record. Raises Unfit: never another error, never a part of it."""
    if len(data) > BUNDLE_BYTES_MAX:
        raise Unfit(f"bundle: {len(data)} bytes; {BUNDLE_BYTES_MAX} at most")
    head, _, body = data.partition(b"\n")
    header = _header(head)
    lines = tuple(body.split(b"\n"))
    if len(lines) != header.count or _digest(body) != header.digest:
        raise Unfit("bundle: it is not what its header says; cut, or changed on the way")
    envelopes = tuple(decode(line) for line in lines)
    _refuse_mixed(key, header, envelopes)
    return Opened(header, lines, envelopes)


def is_lane(key: str) -> bool:
    """Whether facts travel under this key, which are nowhere but on the feed."""
    return key.split("/", 2)[-1].startswith("~")


def domain_of(key: str) -> str:
    """Which domain's events travel under this partition key."""
    return key.split("/", 2)[1] if key.count("/") > 1 else ""


def parts(lines: Sequence[bytes]) -> Iterable[tuple[int, int]]:
    """(from, to) of the encoded envelopes that fit one bundle; nearly always all of them do."""
    size = sum(map(len, lines)) + len(lines)
    if len(lines) <= BUNDLE_EVENTS_MAX and size <= BUNDLE_BYTES_MAX - EVENT_BYTES_MAX:
        return [(0, len(lines))]
    return runs((1, len(line) + 1) for line in lines)


def runs(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """From (events, bytes) of things that stay whole to (from, to) of those that fit one bundle."""
    start = end = events = used = 0
    for count, size in sizes:
        full = (
            events + count > BUNDLE_EVENTS_MAX or used + size > BUNDLE_BYTES_MAX - EVENT_BYTES_MAX
        )
        if full and end > start:
            yield start, end
            start, events, used = end, 0, 0
        events, used, end = events + count, used + size, end + 1
    if end > start:
        yield start, end


def _header(head: bytes) -> Header:
    try:
        header = _HEADER.decode(head)
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise Unfit(f"bundle: no header: {str(wrong)[:200]}") from None
    if header.bundle != FORMAT or not 0 < header.count <= BUNDLE_EVENTS_MAX:
        raise Unfit(f"bundle: format {header.bundle} with {header.count} events is not known here")
    return header


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=DIGEST_BYTES).hexdigest()


def _refuse_mixed(key: str, header: Header, envelopes: tuple[Envelope, ...]) -> None:
    for one in envelopes:
        aggregate = Aggregate(one.tenant, one.domain, one.id)
        if key != (lane_of(aggregate) if header.producer else aggregate.key):
            raise Unfit(f"bundle: an event of {aggregate} travels under {key[:80]!r}")
