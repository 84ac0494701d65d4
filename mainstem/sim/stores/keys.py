"""Secrets that follow from a seed: nobody makes them, so there is nothing to keep."""

from __future__ import annotations

import re
from collections.abc import Hashable
from hashlib import blake2b
from typing import Self

SECRET_BYTES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


class Keys:
    """The Keys port. Who has the seed has the secrets, so they are for simulated lives only."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed

    def copy(self) -> Self:
        """Another that answers alike."""
        return type(self)(self._seed)

    def key(self) -> Hashable:
        """Equal where every answer is."""
        return self._seed

    async def secret(self, name: str) -> bytes:
        """The secret of this name."""
        assert NAME.fullmatch(name), f"{name!r}: a key's name is short and plain"
        return blake2b(f"{self._seed}/{name}".encode(), digest_size=SECRET_BYTES).digest()
