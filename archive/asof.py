"""As it was: one aggregate's rows at a version or a time, and why a field is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mainstem._machine import Cells, copied
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.folding import Folding


class Because(NamedTuple):
    """An event, and what a field was before it and after it."""

    event: Envelope
    before: Any
    after: Any


@dataclass(frozen=True)
class AsOf:
    """A view of one aggregate, and which of its events count."""

    domain: Domain
    view: type[State]
    version: int | None = None
    at: int | None = None  # in microseconds since 1970

    def folded(self, events: Iterable[Envelope]) -> Folding:
        """All that counts."""
        folding = Folding(self.view)
        for event in self._counting(events):
            folding.fold(*self.domain.record(event))
        return folding

    def why(self, events: Iterable[Envelope], id: str, key: str, field: str) -> Because | None:
        """The last event that changed it; None: no event ever has."""
        folding, found = Folding(self.view), None
        before = _value(folding, id, key, field)
        for event in self._counting(events):
            folding.fold(*self.domain.record(event))
            after = _value(folding, id, key, field)
            if after != before:
                found = Because(event, before, after)
            before = after
        return found

    def _counting(self, events: Iterable[Envelope]) -> Iterator[Envelope]:
        """Up to a version; and of those what happened by a time: facts don't come in that order."""
        for event in events:
            if self.version is not None and event.version > self.version:
                return
            if self.at is None or event.at <= self.at:
                yield event


def cells_of(folding: Folding, key: str) -> Cells | None:
    """A row's, if it is there."""
    if not folding.keyed:
        return folding.cells if folding.version else None
    return folding.rows.get(key)


def _value(folding: Folding, id: str, key: str, field: str) -> Any:
    cells = folding.rows.get(key) if folding.keyed else folding.cells
    if cells is None:
        return None
    named = {"key": key} if folding.keyed else {}
    return copied(folding.machine.finish(cells, id=id, **named)[field])
