"""Sealing: bytes that only who has the key can make, change or read; the same text, the same bytes.

The nonce is made of the text itself, so nothing is left to chance and no two texts share a stream.
"""

from __future__ import annotations

from hashlib import blake2b, shake_256
from hmac import compare_digest

NONCE_BYTES = 16
SEAL_BYTES = 16
KEY_BYTES = 32


class Broken(Exception):
    """Not what was sealed, or not with this key."""


def sealed(key: bytes, plain: bytes) -> bytes:
    """These bytes, hidden, with a seal on them."""
    nonce = blake2b(plain, key=_for(key, b"nonce"), digest_size=NONCE_BYTES).digest()
    hidden = nonce + _mixed(key, nonce, plain)
    return hidden + _seal(key, hidden)


def opened(key: bytes, whole: bytes) -> bytes:
    """What was sealed. Raises Broken."""
    hidden, seal = whole[:-SEAL_BYTES], whole[-SEAL_BYTES:]
    if len(hidden) < NONCE_BYTES or not compare_digest(seal, _seal(key, hidden)):
        raise Broken
    return _mixed(key, hidden[:NONCE_BYTES], hidden[NONCE_BYTES:])


def _seal(key: bytes, hidden: bytes) -> bytes:
    return blake2b(hidden, key=_for(key, b"seal"), digest_size=SEAL_BYTES).digest()


def _mixed(key: bytes, nonce: bytes, text: bytes) -> bytes:
    """Hidden, or shown again: the same stream takes itself back."""
    stream = shake_256(_for(key, b"stream") + nonce).digest(len(text))
    return (int.from_bytes(text) ^ int.from_bytes(stream)).to_bytes(len(text))


def _for(key: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose: tokens are signed with the one they come from."""
    return blake2b(key, person=purpose, digest_size=KEY_BYTES).digest()
