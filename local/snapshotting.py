"""Snapshots of a domain on one machine: how many are lacking, and making them, one by one.

Each is kept by itself, so whatever stops it, the next run goes on: first come those that are not
there, then those that are, which are compared with what their records fold to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from local.adapters import Adapters
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.ports import Corrupt
from mainstem.protocol.drive import drive
from mainstem.protocol.snapshots import Renewed, looked, renewed, tried

HEADS_A_PAGE = 500
EVENTS_TRIED = 20_000


@dataclass
class Needed:
    """What there is to do."""

    aggregates: int = 0
    enough: int = 0  # have records enough for a snapshot
    lacking: int = 0  # of those: the next command would read many
    damaged: int = 0  # can't be read
    events: int = 0  # of those that have enough: all are read
    seconds: float = 0.0  # about


@dataclass
class Done:
    """What was done."""

    made: int = 0
    right: int = 0
    events: int = 0
    wrong: list[tuple[Aggregate, str]] = field(default_factory=list)  # with the state's name
    failed: list[str] = field(default_factory=list)  # they can't be folded, and say why

    def add(self, aggregate: Aggregate, found: Renewed) -> None:
        """One more aggregate."""
        self.events += found.events
        self.made += bool(found.made)
        self.right += not found.made and not found.wrong
        self.wrong += [(aggregate, name) for name in found.wrong]


@dataclass(frozen=True)
class Snapshotting:
    """Of one domain, or of one aggregate."""

    ports: Adapters
    domain: Domain
    only: Aggregate | None = None

    def plan(self) -> Needed:
        """Writes nothing; folds a few that are lacking."""
        found, some, events = Needed(), list[Aggregate](), 0
        for one in self._every():
            found.aggregates += 1
            try:
                at = drive(looked(self.ports.journal, self.domain, one))
            except Corrupt:
                found.damaged += 1
                continue
            found.enough += at.enough
            found.lacking += at.lacks
            found.events += at.events if at.enough else 0
            if at.enough and events < EVENTS_TRIED:
                some.append(one)
                events += at.events
        found.seconds = self._seconds(some) * found.events / max(events, 1)
        return found

    def run(self, told: Callable[[Done], None]) -> Done:
        """All of it, with how far it is after each."""
        done, through = Done(), set[Aggregate]()
        for lacking in (True, False):
            for one in self._every():
                if one not in through and self._renewed(one, done, lacking):
                    through.add(one)
                    told(done)
        return done

    def _renewed(self, one: Aggregate, done: Done, lacking: bool) -> bool:
        """Whether it is done with; its turn comes later where it only is to be compared."""
        journal = self.ports.journal
        try:
            at = drive(looked(journal, self.domain, one))
            if not at.enough or (lacking and not at.lacks):
                return False
            done.add(one, drive(renewed(journal, self.domain, one)))
        except (Unfit, Corrupt) as no:
            done.failed.append(str(no))
        return True

    def _every(self) -> Iterator[Aggregate]:
        """Each once. Whoever is committed meanwhile comes again, and is known by then."""
        if self.only is not None:
            yield self.only
            return
        seen, after = set[Aggregate](), ""
        while page := drive(self.ports.journal.touched(after, HEADS_A_PAGE)):
            new = [one.aggregate for one in page if one.aggregate not in seen]
            seen.update(new)
            yield from (one for one in new if one.domain == self.domain.name)
            after = page[-1].place

    def _seconds(self, some: list[Aggregate]) -> float:
        """What they take to read and fold."""
        began = time.monotonic()
        for one in some:
            with suppress(Unfit, Corrupt):
                drive(tried(self.ports.journal, self.domain, one))
        return time.monotonic() - began
