"""An aggregate: one entity of one tenant in one domain."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

KEY_CHARACTERS_MAX = 256  # as long as a Kinesis partition key


class Aggregate(NamedTuple):
    """Its identity: what its events are ordered within."""

    tenant: str
    domain: str
    id: str

    def __str__(self) -> str:
        """As people name it; the tenant is said where it is not the only one."""
        named = f"{self.domain}/{self.id}"
        return named if self.tenant == "main" else f"{self.tenant}:{named}"

    @property
    def key(self) -> str:
        """The partition key of its bundles: they travel in order through one shard."""
        key = f"{self.tenant}/{self.domain}/{self.id}"
        if len(key) <= KEY_CHARACTERS_MAX and not self.id.startswith(("~", "#")):
            return key  # those two begin what is no id: a lane, and a digest
        digest = blake2b(self.id.encode(), digest_size=16).hexdigest()
        return f"{self.tenant}/{self.domain}/#{digest}"
