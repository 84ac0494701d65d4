"""The demo's first step: everybody asks at once, some of it twice, and every answer is counted."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from cli.demo.journey import Asked
from edge.caller import Caller
from mainstem import Refused
from mainstem.discovery import Domain
from mainstem.protocol.commit import Committed, commit
from mainstem.protocol.drive import drive

if TYPE_CHECKING:
    from mainstem.ports import Journal
    from producers.asking import Asking

TWICE = 5  # every fifth command is asked again, as a client does that heard no answer


@dataclass
class Tally:
    """What came of it all."""

    decided: int = 0
    refused: int = 0
    nothing: int = 0
    twice: int = 0
    unlike: int = 0  # answered otherwise the second time: there must be none
    seconds: float = 0.0
    answers: list[Committed] = field(default_factory=list)

    def data(self) -> dict[str, float]:
        """The counts, for machines."""
        return {name: value for name, value in vars(self).items() if name != "answers"}


class Crowd:
    """Asks on several threads, and remembers every answer."""

    def __init__(self, asking: Asking, domains: Mapping[str, Domain], askers: int) -> None:
        self.asking, self.domains, self.askers = asking, domains, askers
        self.tally = Tally()
        self._guard = Lock()

    def ask(self, acts: Iterable[Iterable[Asked]]) -> None:
        """One act after the other."""
        began = time.perf_counter()
        with ThreadPoolExecutor(self.askers) as askers:
            for act in acts:
                for _ in askers.map(self._one, enumerate(act)):
                    pass
        self.tally.seconds += time.perf_counter() - began

    def quietly(self, journal: Journal, asked: Asked) -> None:
        """Commits, and publishes nothing: as when a process ends in between."""
        order = self.asking.order(
            self.domains[asked.domain], asked.body(self.domains), Caller(asked.by), asked.id
        )
        done = drive(commit(journal, self.asking.clock, order))
        assert done.record is not None
        version = done.version
        self.tally.answers.append(Committed(order.aggregate, version, None, happened=True))

    def _one(self, numbered: tuple[int, Asked]) -> None:
        n, asked = numbered
        key = uuid.uuid4().hex
        first = self._answer(asked, key)
        second = self._answer(asked, key) if n % TWICE == 0 else None
        with self._guard:
            self._count(first, second)

    def _answer(self, asked: Asked, key: str) -> Committed | None:
        body, caller = asked.body(self.domains), Caller(asked.by)
        try:
            return self.asking.ask(
                self.domains[asked.domain], body, caller, id=asked.id, once=(key, "")
            )
        except Refused:
            return None

    def _count(self, first: Committed | None, second: Committed | None) -> None:
        tally = self.tally
        if first is None:
            tally.refused += 1
        elif not first.happened:
            tally.nothing += 1
        else:
            tally.decided += 1
            tally.answers.append(first)
            if second is not None:
                tally.twice += 1
                tally.unlike += second != first._replace(again=True)
