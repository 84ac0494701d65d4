"""The incremental evaluator: one event at a time, on dicts, with steps compiled once per state.

A row in the making is a dict of cells: `version`, `changed_at` and one cell for each fold that has
heard something. Cells are plain JSON, so a store keeps them as they are; `finish` turns them into a
row. The same cells and one more event give the same result whichever process goes on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from mainstem._column import Column
from mainstem._compute import BIGINT_MAX, BIGINT_MIN, Read, reader
from mainstem._event import Event, Happened
from mainstem._expr import Expr
from mainstem._kind import EPOCH, Sort
from mainstem._refusal import Unfit
from mainstem._spec import Source, Spec, plain

FLAT = frozenset({str, int, float, bool, type(None)})  # most values: no call for each of them
Cells = dict[str, Any]
Record = dict[str, Any]
Row = dict[str, Any]
Step = Callable[[Cells, Record], None]


class Machine:
    """What each event type does to a row, and how a row is finished."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        keys: Mapping[type[Event], Expr],
        gone: Mapping[type[Event], Expr],
    ) -> None:
        self.columns = tuple(columns.values())
        self.keys = _by_type({event: reader(expr) for event, expr in keys.items()})
        self.gone = _by_type({event: reader(expr) for event, expr in gone.items()})
        self.steps = _steps(self.columns)
        unheard = {c.name: _unheard(c) for c in self.columns}
        self._unheard: Row = {"version": 0, "changed_at": None, **unheard}
        self._finishers = tuple((c.name, f) for c in self.columns if (f := _finisher(c)))
        self._hidden = frozenset(c.name for c in self.columns if c.private)
        self._maps = tuple(
            (c.name, c.kind.row.__machine__)
            for c in self.columns
            if c.kind.sort is Sort.ROWS and not c.private
        )

    def apply(self, cells: Cells, type: str, record: Record) -> None:
        """Folds one event into one row's cells, in place."""
        for step in self.steps.get(type, ()):
            step(cells, record)
        cells["version"] = record["version"]
        at = record["at"]
        if at > cells.get("changed_at", BIGINT_MIN):
            cells["changed_at"] = at

    def apply_keyed(self, rows: dict[str, Cells], type: str, record: Record) -> str | None:
        """Folds one event into the row of its key, if it has one here; says which key that was."""
        key_of = self.keys.get(type)
        if key_of is not None:
            key: str = key_of(record)
            cells = rows.get(key)
            if cells is None:
                cells = rows[key] = {}
            self.apply(cells, type, record)
            return key
        gone_key = self.gone.get(type)
        if gone_key is None:
            return None
        key = gone_key(record)
        rows.pop(key, None)
        return key

    def finish(self, cells: Cells, **identity: str) -> Row:
        """The row that these cells amount to, private columns included."""
        row = {**identity, **self._unheard, **cells}
        for name, finished in self._finishers:  # in order: a derived column reads earlier ones
            row[name] = finished(row)
        return row

    def legible(self, cells: Cells, **identity: str) -> Row:
        """The same of cells that other folds may have made.

        What can't be read of them is as if nothing had been heard.
        """
        row = {**identity, **self._unheard, **cells}
        for name, finished in self._finishers:
            try:
                row[name] = finished(row)
            except Exception:  # noqa: BLE001  a text where there is a number by now, say
                row[name] = copied(self._unheard[name])
        return row

    def hears(self, type: str) -> bool:
        return type in self.steps or type in self.keys or type in self.gone

    def public(self, row: Row) -> Row:
        """The row as it may be shown: without what a leading underscore keeps back."""
        shown = row.copy()
        for name in self._hidden:
            shown.pop(name, None)
        for name, inner in self._maps:
            if name in shown:
                shown[name] = {key: inner.public(one) for key, one in shown[name].items()}
        return shown


def _by_type(readers: Mapping[type[Event], Read]) -> dict[str, Read]:
    return {event.__shape__.type: read for event, read in readers.items()}


def _steps(columns: tuple[Column, ...]) -> dict[str, tuple[Step, ...]]:
    found: dict[str, tuple[Step, ...]] = {}
    for column in columns:
        for type, step in _steps_of(column):
            found[type] = (*found.get(type, ()), step)
    return found


def _steps_of(column: Column) -> list[tuple[str, Step]]:
    spec = column.fold
    if spec is None:
        return []
    if spec.op == "keyed":
        return _keyed(column.name, spec.row.__machine__)
    if spec.op == "python":
        return [_python(column.name, spec, event) for event in spec.steps]
    return [(s.event.__shape__.type, _step(column.name, spec, s)) for s in spec.sources]


def _step(name: str, spec: Spec, source: Source) -> Step:
    step = _STEPS[spec.op](name, reader(source.value), spec)
    if source.where is None:
        return step
    holds = reader(source.where)

    def step_where(cells: Cells, record: Record) -> None:
        if holds(record):
            step(cells, record)

    return step_where


def _last(name: str, read: Read, _: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        cells[name] = read(record)

    return step


def _first(name: str, read: Read, _: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        if name not in cells:
            value = read(record)
            if value is not None:
                cells[name] = value

    return step


def _latest(name: str, read: Read, spec: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        cells[name] = [read(record), *cells.get(name, ())[: spec.n - 1]]

    return step


def _count(name: str, _: Read, __: Spec) -> Step:
    def step(cells: Cells, _: Record) -> None:
        cells[name] = cells.get(name, 0) + 1

    return step


def _total(name: str, read: Read, _: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None:
            total = cells.get(name, 0) + value
            if not BIGINT_MIN <= total <= BIGINT_MAX:
                raise Unfit(f"{name}: the sum leaves 64 bits, where engines wrap or fail")
            cells[name] = total

    return step


def _lowest(name: str, read: Read, _: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None and (name not in cells or value < cells[name]):
            cells[name] = value

    return step


def _highest(name: str, read: Read, _: Spec) -> Step:
    def step(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is not None and (name not in cells or value > cells[name]):
            cells[name] = value

    return step


def _distinct(name: str, read: Read, _: Spec) -> Step:
    """Kept sorted, so that cells are JSON and two processes write the same bytes."""

    def step(cells: Cells, record: Record) -> None:
        value = read(record)
        if value is None:
            return
        members = cells.get(name)
        if members is None:
            members = cells[name] = []
        place = bisect_left(members, value)
        if place == len(members) or members[place] != value:
            members.insert(place, value)

    return step


_STEPS: dict[str, Callable[[str, Read, Spec], Step]] = {
    "last": _last,
    "first": _first,
    "latest": _latest,
    "count": _count,
    "total": _total,
    "lowest": _lowest,
    "highest": _highest,
    "distinct": _distinct,
}


def _keyed(name: str, inner: Machine) -> list[tuple[str, Step]]:
    def step_of(type: str) -> Step:
        def step(cells: Cells, record: Record) -> None:
            rows = cells.get(name)
            if rows is None:
                rows = cells[name] = {}
            inner.apply_keyed(rows, type, record)

        return step

    return [(type, step_of(type)) for type in (*inner.keys, *inner.gone)]


def _python(name: str, spec: Spec, event: type[Event]) -> tuple[str, Step]:
    function = spec.steps[event]

    def step(cells: Cells, record: Record) -> None:
        opened = event.model_construct(**event.__shape__.open(record))
        when = EPOCH + timedelta(microseconds=record["at"])
        happened = Happened(opened, when, record["by"], record["version"])
        try:
            cells[name] = plain(function(frozen(cells.get(name, spec.initial)), happened))
        except Exception as error:  # the domain's code met an event it did not expect
            raise Unfit(f"{name}: the step for {event.__name__} failed: {error!r}") from error

    return event.__shape__.type, step


def frozen(value: Any) -> Any:
    """A stored `fold()` value as its steps see it: lists as tuples, dicts of their own."""
    if isinstance(value, list):
        return tuple(frozen(one) for one in value)
    if isinstance(value, dict):
        return {key: frozen(one) for key, one in value.items()}
    return value


def _unheard(column: Column) -> Any:
    """A column's cell before anything is heard."""
    if column.fold is None:
        return None
    return column.fold.initial if column.fold.op == "python" else column.fold.default


def _finisher(column: Column) -> Read | None:
    """From a row of cells, and the columns before this one, to its value; None where it is one."""
    name, spec = column.name, column.fold
    if column.expr is not None:
        return reader(column.expr)
    assert spec is not None
    if spec.op == "keyed":
        return _finish_rows(name, spec.row.__machine__)
    unheard = _unheard(column)
    return _own(name, unheard) if isinstance(unheard, (list, dict)) else None


def _own(name: str, unheard: Any) -> Read:
    """What rows that heard nothing would otherwise share, and could change for one another."""
    return lambda row: copied(row[name]) if row[name] is unheard else row[name]


def copied(value: Any) -> Any:
    """Cells and rows are JSON, so a copy is a copy of dicts and lists."""
    if isinstance(value, dict):
        return {n: one if type(one) in FLAT else copied(one) for n, one in value.items()}
    if isinstance(value, list):
        return [one if type(one) in FLAT else copied(one) for one in value]
    return value


def _finish_rows(name: str, inner: Machine) -> Read:
    return lambda row: {key: inner.finish(cells) for key, cells in sorted(row[name].items())}
