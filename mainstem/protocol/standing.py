"""How an aggregate stands when a command is decided: its states, folded from what is journalled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Self

import msgspec

from mainstem._machine import Cells, Row
from mainstem._mark import Unique, marks
from mainstem._refusal import Unfit
from mainstem._state import State
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import Envelope, decode
from mainstem.fingerprint import printed
from mainstem.ports import Claim, Corrupt, Loaded, Snapshot

States = tuple[type[State], ...]
NOTHING: Mapping[str, int] = {}


class Standing:
    """Every state that a commit of this domain must know, as of one version."""

    def __init__(self, domain: Domain, states: States, aggregate: Aggregate) -> None:
        self.domain, self.states, self.aggregate = domain, states, aggregate
        self.cells: dict[str, Cells] = {state.__name__: {} for state in states}
        self.version = 0

    def take(self, loaded: Loaded) -> Self:
        """Each state from its own snapshot, then what follows it. Raises Corrupt, Unfit."""
        from_version = {}
        for name, snapshot in loaded.snapshots.items():
            self.cells[name] = self._opened(name, snapshot)
            from_version[name] = snapshot.version
        for record in loaded.tail:
            self.hear(map(decode, record.events), from_version)
        self.version = loaded.version
        return self

    def _opened(self, name: str, snapshot: Snapshot) -> Cells:
        try:
            cells: Cells = msgspec.json.decode(snapshot.cells)
        except msgspec.DecodeError:
            anew = f"`mainstem rebuild snapshots {self.aggregate} --yes` makes it anew"
            raise Corrupt(f"{self.aggregate}: its snapshot of {name} is damaged; {anew}") from None
        return cells

    def hear(self, events: Iterable[Envelope], after: Mapping[str, int] = NOTHING) -> None:
        """Folds what happened; a state hears what came after its own version."""
        for envelope in events:
            try:
                self._hear(envelope, after)
            except Unfit as no:
                which = f"{self.aggregate} version {envelope.version}, {envelope.type}"
                raise Unfit(f"{which}: {no}") from None

    def _hear(self, envelope: Envelope, after: Mapping[str, int]) -> None:
        type, record = self.domain.record(envelope)
        for state in self.states:
            if envelope.version > after.get(state.__name__, 0):
                state.__machine__.apply(self.cells[state.__name__], type, record)
        self.version = envelope.version

    def state(self, kind: type[State]) -> State:
        """One of them, to decide on."""
        return kind(id=self.aggregate.id, cells=self.cells[kind.__name__])

    def claims(self) -> frozenset[Claim]:
        """Every value that the aggregate claims for itself, as it stands."""
        return frozenset(
            claim
            for state in self.states
            if marks(state, Unique)
            for claim in claims_of(state, self._row(state))
        )

    def finish(self) -> None:
        """Every column of every state can be computed. Raises Unfit."""
        for state in self.states:
            self._row(state)

    def _row(self, state: type[State]) -> Row:
        """To look into, not to change: it holds lists of the cells'."""
        return state.__machine__.finish(self.cells[state.__name__], id=self.aggregate.id)

    def snapshots(self) -> Mapping[str, Snapshot]:
        """All of it, to be taken up again by code with the same folds (R5)."""
        return {
            state.__name__: Snapshot(
                self.version, printed(state), msgspec.json.encode(self.cells[state.__name__])
            )
            for state in self.states
        }


def states_for(domain: Domain, kind: type[State]) -> States:
    """What a command on this state needs: the state itself, and whatever claims values."""
    claiming = (one for one in domain.states.values() if one is not kind and marks(one, Unique))
    return (kind, *claiming)


def claims_of(state: type[State], row: Mapping[str, Any]) -> Iterable[Claim]:
    """What a row claims; None and "" claim nothing."""
    for mark in marks(state, Unique):
        values = [row[column] for column in mark.columns]
        if all(value not in (None, "") for value in values):
            said = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
            yield Claim(f"{state.__name__}.{mark.name}", said)
