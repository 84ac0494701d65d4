"""Keys: secrets that are kept outside every log."""

from __future__ import annotations

from typing import Protocol


class Keys(Protocol):
    """Where secrets are kept."""

    async def secret(self, name: str) -> bytes:
        """The secret of this name, 32 bytes or more; made once, the same ever after."""
        ...
