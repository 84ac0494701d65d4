"""Folding in memory: every row of a view from the events of many aggregates, incrementally."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mainstem._machine import Cells, Record, Row
from mainstem._refusal import Unfit
from mainstem._state import State
from mainstem.discovery import Domain
from mainstem.envelope import Envelope


class Hole(Unfit):
    """The next event is not the one that follows on: something is missing."""


class Folding:
    """One aggregate's rows of a view, and the version they have reached."""

    def __init__(self, view: type[State]) -> None:
        self.machine = view.__machine__
        self.keyed = bool(view.__keys__)
        self.version = 0
        self.spoiled = False
        self.cells: Cells = {}
        self.rows: dict[str, Cells] = {}

    def advance(self, type: str, record: Record) -> bool:
        """Folds the next event; False for one that was folded before. Raises Hole."""
        version = record["version"]
        if version <= self.version:
            return False
        if version != self.version + 1:
            raise Hole(f"version {self.version + 1} is missing before {version}")
        self.fold(type, record)
        return True

    def fold(self, type: str, record: Record) -> None:
        """Folds an event whichever came before it: of some questions not all of them count."""
        version = record["version"]
        if self.spoiled:
            raise Unfit(f"half of version {version} is in these cells; take them up again")
        self.spoiled = True  # until the whole event is in: a step may fail between two columns
        if self.keyed:
            self.machine.apply_keyed(self.rows, type, record)
        else:
            self.machine.apply(self.cells, type, record)
        self.version, self.spoiled = version, False

    def finished(self, **identity: str) -> list[Row]:
        """The rows as they may be shown."""
        machine = self.machine
        if not self.keyed:
            return [machine.public(machine.finish(self.cells, **identity))]
        rows = sorted(self.rows.items())
        return [machine.public(machine.finish(one, **identity, key=key)) for key, one in rows]


def rows_of(view: type[State], domain: Domain, envelopes: Iterable[Envelope]) -> list[Any]:
    """The rows of a view, folded one event after the other, in the order of ids and keys."""
    found: dict[tuple[str, str], Folding] = {}
    for envelope in envelopes:
        type, record = domain.record(envelope)
        identity = (envelope.tenant, envelope.id)
        one = found.get(identity)
        if one is None:
            one = found[identity] = Folding(view)
        one.advance(type, record)
    return [
        row
        for (tenant, id), one in sorted(found.items())
        for row in one.finished(tenant=tenant, id=id)
    ]
