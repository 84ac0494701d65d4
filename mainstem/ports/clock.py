"""The clock: the only one there is."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Time, as far as the protocol knows any."""

    async def now(self) -> int:
        """Microseconds since 1970, UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a clock that stops may wake early."""
        ...
