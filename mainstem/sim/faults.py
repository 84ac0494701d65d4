"""Faults: what may become of a call, how often in one life, and how often they did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from random import Random
from typing import TypeVar

T = TypeVar("T")
MOST = 0.25  # of a life's calls; in most lives it is far less
MILD = (0.0, 0.02, 0.05, 0.05, 0.1, MOST)
WORSE = 0.5
WORST = (
    *("",) * 16,
    *("journal.claim",) * 4, *("journal.keep",) * 3, *("parks.tried",) * 6,  # rare calls
    "feed.put", "generations.promote", "generations.start", "journal.commit",
    "journal.mark", "journal.records", "parks.park", "parks.parked", "parks.quarantine",
    "parks.unpark", "rows.changes", *("rows.forget",) * 2, "rows.move", "rows.write", "search.put",
)  # fmt: skip
SHOWN = 0.15  # how often a weakness of the cloud shows itself, in a life that has any


class Fault(StrEnum):
    """Four ways to fail."""

    BEFORE = "before"  # refused: nothing was done
    AFTER = "after"  # it was done, and whoever asked is told of an error
    UNKNOWN = "unknown"  # no answer ever comes: whoever asked has died, before or after it was done
    LATE = "late"  # an error now, and it is done later; or the answer comes when nobody waits


KINDS = tuple(Fault)


class Faults:
    """One life's share of them. A life has more of some calls' than of others', or none."""

    def __init__(self, random: Random, tally: Counter[tuple[str, str]]) -> None:
        self._random, self.tally = random, tally
        self.share = random.choice(MILD)
        self.worst = random.choice(WORST)  # a call that fails far more often than others
        self.weak = random.choice((0.0, SHOWN))
        self.on = self.may_happen = True
        self.down = ""  # a port that nobody reaches just now
        self.never: frozenset[int] = frozenset()  # those of them that don't happen
        self.count = 0

    def at(self, name: str) -> Fault | None:
        """What becomes of this call; None: it is answered."""
        if not self.on:
            return None
        if self.down and name.startswith(self.down):
            self.tally[name, Fault.BEFORE] += 1
            return Fault.BEFORE
        share = WORSE if name == self.worst else self.share
        if not share or not self.may_happen:
            return None
        drawn = self._random.random()
        if drawn >= share:
            return None
        self.count += 1
        if self.count in self.never:
            return None
        kind = KINDS[int(drawn / share * len(KINDS))]
        self.tally[name, kind] += 1
        return kind

    def happens(self, what: str) -> bool:
        """Whether a weakness shows itself: the Chance that stores are given."""
        if not self.on or not self.weak or self._random.random() >= self.weak:
            return False
        self.tally[what, "shown"] += 1
        return True

    def pick(self, some: Sequence[T]) -> T:
        """One of these."""
        return some[int(self._random.random() * len(some))]
