"""What goes wrong with a stream, drawn from a seed: the same again for the same calls."""

from __future__ import annotations

from collections import Counter
from random import Random

THROTTLED, BROKEN = 0.02, 0.005  # of records
DUMB = 0.05  # of calls whose records are stored, and which are answered 500 all the same
THROTTLE = "ProvisionedThroughputExceededException"
FAILURE = "InternalFailure"
UNSAID = "Unsaid"


class Faults:
    """Those of one stream. Without a seed nothing goes wrong."""

    def __init__(self, seed: int | None = None) -> None:
        self.random = None if seed is None else Random(seed)
        self.met = Counter[str]()

    def record(self) -> str | None:
        """Why the next record is refused, if it is."""
        if self.random is None:
            return None
        drawn = self.random.random()
        if drawn >= THROTTLED + BROKEN:
            return None
        code = THROTTLE if drawn < THROTTLED else FAILURE
        self.met[code] += 1
        return code

    def unsaid(self) -> bool:
        """Whether nobody is told what became of a call."""
        unsaid = self.random is not None and self.random.random() < DUMB
        self.met[UNSAID] += unsaid
        return unsaid
