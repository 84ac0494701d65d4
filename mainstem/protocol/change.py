"""From a row as it was read, and the events that follow on, to everything that is to be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from mainstem._listing import entries
from mainstem._machine import Cells, Record
from mainstem._refusal import Mistake, Unfit
from mainstem.aggregate import Aggregate
from mainstem.ports import Change, Entry, Head, Intent, Timer
from mainstem.ports.parks import Position
from mainstem.ports.rows import NOWHERE
from mainstem.protocol.effects import told
from mainstem.protocol.received import Happening
from mainstem.sink import Sink

ROW_BYTES_MAX = 350 * 1024
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Stopped(NamedTuple):
    """The event at which folding ended, and why: this code can't apply it."""

    version: int
    why: str


class Changed(NamedTuple):
    """What to write, if anything, and the event that could not be folded, if any."""

    change: Change | None
    stopped: Stopped | None


class Row(NamedTuple):
    """One row before and after."""

    key: str
    before: Cells | None
    after: Cells | None


def changed(
    sink: Sink, head: Head, run: Sequence[Happening], skip: frozenset[int] = frozenset()
) -> Changed:
    """The change that this run of events makes: versions head.version + 1 and on, whole events.

    It may cover fewer than it was given: those before one that can't be folded, or fewer events
    where all of them together would make a row too large. `skip` are versions given up on.
    """
    fold = _Fold(sink, head)
    for happening in run:
        version = fold.version + 1
        try:
            if version not in skip:
                fold.hear(happening, version)
            fold.reach(version, happening)
        except Exception as no:  # noqa: BLE001  whatever the domain's code met, only this waits
            before = changed(sink, head, run[: version - head.version - 1], skip)
            return Changed(before.change, before.stopped or Stopped(version, _in_words(no)))
    if fold.version == head.version:
        return Changed(None, None)
    try:
        return Changed(fold.change(), None)
    except Unfit as no:
        if len(run) == 1:
            return Changed(None, Stopped(head.version + 1, str(no)))
        return changed(sink, head, run[: len(run) // 2], skip)


def keys_of(sink: Sink, run: Sequence[Happening]) -> frozenset[str]:
    """The rows that these events touch."""
    machine = sink.state.__machine__
    if not sink.state.__keys__:
        return frozenset(("",))
    found = set()
    for happening in run:
        try:
            type, record = happening.read(sink.domain, happening.version)
            read = machine.keys.get(type) or machine.gone.get(type)
            if read is not None:
                found.add(read(record))
        except Unfit:
            continue  # `changed` says why, and stops there
    return frozenset(found)


def loaded(
    sink: Sink, aggregate: Aggregate, version: int, applied: Position, rows: Mapping[str, Cells]
) -> Change:
    """The change from nothing to these rows, which were folded elsewhere. Raises Unfit."""
    fold = _Fold(sink, Head(0, NOWHERE, {}))
    fold.aggregate, fold.version, fold.applied = aggregate, version, applied
    fold.rows, fold.touched = dict(rows), dict.fromkeys(rows)
    return fold.change()


def replaced(sink: Sink, aggregate: Aggregate, head: Head, rows: Mapping[str, Cells]) -> Change:
    """The change from the rows that were read to these, at the same version. Raises Unfit."""
    fold = _Fold(sink, head)
    fold.aggregate = aggregate
    fold.rows, fold.touched = dict(rows), dict.fromkeys((*head.rows, *rows))
    return fold.change()


class _Fold:
    """An aggregate's touched rows in the making."""

    def __init__(self, sink: Sink, head: Head) -> None:
        self.sink, self.head = sink, head
        self.version, self.applied = head.version, head.applied
        self.keyed = bool(sink.state.__keys__)
        self.rows: dict[str, Cells] = {key: _decode(cells) for key, cells in head.rows.items()}
        self.touched: dict[str, None] = {}
        self.intents: list[Intent] = []
        self.aggregate: Aggregate | None = None

    def hear(self, happening: Happening, version: int) -> None:
        """Folds one event, and lets reactions say what follows from it."""
        type, record = happening.read(self.sink.domain, version)
        self.aggregate = happening.aggregate
        machine = self.sink.state.__machine__
        if self.keyed:
            key = machine.apply_keyed(self.rows, type, record)
        else:
            key = ""
            machine.apply(self.rows.setdefault("", {}), type, record)
        if key is not None:
            self.touched[key] = None
        if self.sink.heard_by:
            self.intents += self._react(happening, type, record, key or "")

    def reach(self, version: int, happening: Happening) -> None:
        """The event is done with, heard or not: to a view without a word for it, time passes."""
        self.version, self.applied = version, happening.position
        self.aggregate = happening.aggregate

    def change(self) -> Change:
        """Everything in one write. Raises Unfit where a row has grown too large."""
        rows = [self._row(key) for key in self.touched]
        listed = {one for row in rows for one in self._entries(row.key, row.after)}
        unlisted = {one for row in rows for one in self._entries(row.key, row.before)}
        return Change(
            read=self.head,
            version=self.version,
            applied=self.applied,
            rows={row.key: _fitting(row.after) for row in rows},
            listed=tuple(listed - unlisted),
            unlisted=tuple(unlisted - listed),
            timers=tuple(self._timers(rows)),
            intents=tuple(self.intents),
            searched=bool(self.sink.searches),
        )

    def _row(self, key: str) -> Row:
        stored = self.head.rows.get(key)
        lists = self.sink.indexes and stored is not None
        return Row(key, _decode(stored) if lists and stored else None, self.rows.get(key))

    def _finished(self, key: str, cells: Cells) -> dict[str, Any]:
        assert self.aggregate is not None
        identity = {"id": self.aggregate.id, **({"key": key} if self.keyed else {})}
        return self.sink.state.__machine__.finish(cells, **identity)

    def _entries(self, key: str, cells: Cells | None) -> Iterator[Entry]:
        if cells is None or not self.sink.indexes:
            return
        row = self._finished(key, cells)
        for index in self.sink.indexes:
            order = None if index.order is None else row[index.order]
            for values in entries(index, row):
                yield Entry(index.name, canonical(values), order, key)

    def _timers(self, rows: Sequence[Row]) -> Iterator[Timer]:
        for row in rows:
            if row.after is not None and self.sink.timers:
                finished = self._finished(row.key, row.after)
                for command in self.sink.timers:
                    assert command.__due__ is not None
                    yield Timer(command.__name__, finished[command.__due__])

    def _react(self, happening: Happening, type: str, record: Record, key: str) -> Iterator[Intent]:
        for name, reaction in self.sink.heard_by.get(type, ()):
            if happening.arrived < self.sink.since.get(name, 0):
                continue  # a new reaction never fires for history
            assert self.aggregate is not None
            event = self.sink.domain.by_type[type]
            happened = event.model_construct(**event.__shape__.open(record))
            state = self.sink.state(id=self.aggregate.id, key=key, cells=self.rows.get(key))
            for n, effect in enumerate(reaction(happened, state)):
                said = told(effect)
                yield Intent(self.aggregate, record["version"], name, n, said, record["at"])


def _in_words(no: Exception) -> str:
    return str(no) if isinstance(no, Unfit | Mistake) else f"{type(no).__name__}: {no}"


def _fitting(cells: Cells | None) -> bytes | None:
    if cells is None:
        return None
    encoded = _encode(cells)
    if len(encoded) > ROW_BYTES_MAX:
        raise Unfit(f"its row would have {len(encoded)} bytes; {ROW_BYTES_MAX} at most")
    return encoded


def canonical(values: Sequence[Any] | Mapping[str, Any]) -> str:
    """The same text for the same values, so that a list is found by it."""
    return _encode(values).decode()
