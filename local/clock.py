"""The clock on the wall, and a bell that ends every sleep."""

from __future__ import annotations

import threading
import time


class WallClock:
    """The Clock port. What it says never goes back, even where the machine's own clock is set."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._latest = 0
        self._stopped = threading.Event()

    async def now(self) -> int:
        """Microseconds since 1970, UTC."""
        with self._guard:
            self._latest = max(self._latest, time.time_ns() // 1_000)
            return self._latest

    async def sleep(self, seconds: float) -> None:
        """Wait; not at all once it is stopped."""
        self._stopped.wait(seconds)

    def stop(self) -> None:
        """Wakes all who sleep; nobody sleeps any more."""
        self._stopped.set()
