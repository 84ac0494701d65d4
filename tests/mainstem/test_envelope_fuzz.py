"""Whatever arrives, an envelope is read or refused as Unfit: no other error, no half-read value."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from mainstem import Unfit
from mainstem.envelope import Envelope, decode, encode

ROUNDS = 5
TRIES = 10_000
NASTY = (
    *(b"NaN", b"-Infinity", b"1e999", b"-0", b"-0.0", b"1.0", b"01", b"0x1", b"1_000", b"+1"),
    *(b"9007199254740991", b"9007199254740992", b"-9007199254740992", b"9" * 400, b"9" * 5_000),
    *(b"null", b"true", b"{}", b"[]", b'""', b"[" * 40, b"[" * 40 + b"]" * 40, b'{"a":' * 40),
    *(b'"\\u0000"', b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xf0\x9f\x98\x80"', b'"\\x41"', b'"\\"'),
    *(
        b"\x00",
        b"\xff",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xa8",
        b"//",
        b"'",
    ),
    *(b',"id":"b"', b',"data":{}', b'"version":0', b'"at":1e3', b',"extra":1', b" ", b"\n\t", b","),
)
NAMES = ("tenant", "domain", "id", "version", "type", "schema", "at", "by", "data", "command", "x")
TEXTS = ("", "main", "a", "Renamed", "\x00", "\ud800", "😀", "a" * 300, "../x", "\n", "\u202e")
NUMBERS = (0, 1, -1, 2**53 - 1, 2**53, -(2**53), 10**40, 0.5, -0.0, 1e308, float("inf"))


def valid(random: Random) -> bytes:
    data = {f"f{n}": random.choice((1, -7, 0.5, "It burns", "é😀", None, True, ["a", 1], {"b": 2}))
            for n in range(random.randrange(4))}  # fmt: skip
    more = {"command": "c", "cause": "x/1"} if random.random() < 0.5 else {}
    return encode(
        Envelope(
            tenant="main",
            domain="tickets",
            id=random.choice(("a", "t-1", "ann@example.org", "é")),
            version=random.choice((1, 2, 2**53 - 1)),
            type=random.choice(("Renamed", "Closed")),
            schema=random.choice((1, 2, 10_000)),
            at=random.choice((0, -1, 1_767_225_600_000_000)),
            by=random.choice(("", "ann")),
            data=data,
            **more,
        )
    )


def flipped(random: Random, raw: bytes) -> bytes:
    place = random.randrange(len(raw))
    return raw[:place] + bytes([raw[place] ^ (1 << random.randrange(8))]) + raw[place + 1 :]


def cut(random: Random, raw: bytes) -> bytes:
    start, end = sorted(random.randrange(len(raw) + 1) for _ in range(2))
    return raw[:start] if random.random() < 0.5 else raw[:start] + raw[end:]


def doubled(random: Random, raw: bytes) -> bytes:
    start, end = sorted(random.randrange(len(raw) + 1) for _ in range(2))
    return raw[:end] + raw[start:]


def stuffed(random: Random, raw: bytes) -> bytes:
    place = random.randrange(len(raw) + 1)
    return raw[:place] + random.choice(NASTY) + raw[place:]


def swapped(random: Random, raw: bytes) -> bytes:
    """A value somewhere becomes another: the mutation most likely to be JSON still."""
    start = raw.find(b":", random.randrange(len(raw))) + 1
    ends = [end for end in (raw.find(b",", start), raw.find(b"}", start)) if end >= 0]
    return raw[:start] + random.choice(NASTY) + raw[min(ends, default=len(raw)) :]


def spliced(random: Random, raw: bytes) -> bytes:
    other = valid(random)
    return raw[: random.randrange(len(raw))] + other[random.randrange(len(other)) :]


def noise(random: Random, _: bytes) -> bytes:
    return random.randbytes(random.randrange(200))


def other_json(random: Random, _: bytes) -> bytes:
    """JSON of another shape: right names with wrong values, and wrong names."""
    if random.random() < 0.2:
        return _spelled(_any(random, 0))
    chosen = {name: _any(random, 0) for name in NAMES if random.random() < 0.9}
    return _spelled({**json.loads(valid(random)), **dict(random.sample(sorted(chosen.items()), 1))})


def _any(random: Random, depth: int) -> Any:
    kind = random.randrange(6 if depth < 4 else 4)
    if kind == 0:
        return random.choice(NUMBERS)
    if kind in (1, 2):
        return random.choice(TEXTS)
    if kind == 3:
        return random.choice((None, True, False))
    many = [_any(random, depth + 1) for _ in range(random.randrange(4))]
    return many if kind == 4 else {random.choice((*NAMES, *TEXTS)): one for one in many}


def _spelled(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True).encode()


MUTATIONS: tuple[Callable[[Random, bytes], bytes], ...] = (
    *(flipped, flipped, cut, doubled, stuffed, stuffed, swapped, swapped, spliced, noise),
    *(other_json, other_json),
)


def fuzz(seed: int, tries: int = TRIES) -> int:
    """How many of these mutations were read after all; each of those must come back the same."""
    random, read = Random(seed), 0
    for _ in range(tries):
        raw = valid(random)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            raw = random.choice(MUTATIONS)(random, raw) or b" "
        try:
            envelope = decode(raw)
        except Unfit:
            continue
        except BaseException as wrong:
            wrong.add_note(f"seed {seed}: {raw!r}")
            raise
        again = encode(envelope)
        assert decode(again) == envelope, raw
        assert encode(decode(again)) == again, raw
        read += 1
    return read


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.slow
def test_what_arrives_is_read_or_unfit(seed: int) -> None:
    read = fuzz(seed)
    assert 0 < read < TRIES, "some mutations are harmless, and most are not"
