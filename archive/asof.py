"""As it was: one aggregate's rows at a version or a time, and why a field is what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.folding import Folding

Row = dict[str, Any]


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

    def rows(self, events: Iterable[Envelope]) -> list[Row]:
        """As they were then."""
        folding = Folding(self.view)
        for event in self._counting(events):
            folding.advance(*self.domain.record(event))
        return _finished(folding)

    def why(self, events: Iterable[Envelope], key: str, field: str) -> Because | None:
        """The last event that changed it; None: no event ever has."""
        folding, found, before = Folding(self.view), None, self._value([], key, field)
        for event in self._counting(events):
            folding.advance(*self.domain.record(event))
            after = self._value(_finished(folding), key, field)
            if after != before:
                found = Because(event, before, after)
            before = after
        return found

    def _counting(self, events: Iterable[Envelope]) -> Iterator[Envelope]:
        """Up to a version; or what had happened by a time, as long as no later one comes before."""
        for event in events:
            if self.version is not None and event.version > self.version:
                return
            if self.at is not None and event.at > self.at:
                return
            yield event

    def _value(self, rows: list[Row], key: str, field: str) -> Any:
        found = [row for row in rows if row.get("key", "") == key]
        return found[0][field] if found else None


def _finished(folding: Folding) -> list[Row]:
    return folding.finished() if folding.version else []
