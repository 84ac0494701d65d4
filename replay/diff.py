"""Diff: two generations of a view, row by row, as people read them.

Both are read by the code at hand: of a column that the older code did not have, its default is
shown. Rows of two versions are no difference: one of them is still on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from mainstem._machine import Cells
from mainstem.aggregate import Aggregate
from mainstem.ports import Generation, Listed, Rows
from mainstem.protocol.drive import drive
from mainstem.sink import Sink

ROWS_A_PAGE = 1_000
EXAMPLES_MAX = 10
_decode = msgspec.json.Decoder().decode
Place = tuple[str, str, str]  # tenant, id, key
Unheard = Mapping[str, Any]


class Example(NamedTuple):
    """One row that differs, and in what."""

    aggregate: Aggregate
    key: str
    version: int
    columns: dict[str, tuple[Any, Any]]  # before and after; a row that isn't there is None

    @property
    def place(self) -> str:
        """As people name it; the tenant is said where it is not the only one."""
        whose = self.aggregate.id if self.aggregate.tenant == "main" else str(self.aggregate)
        return f"{whose}/{self.key}" if self.key else whose


@dataclass
class Diff:
    """What is different."""

    same: int = 0
    only_before: int = 0
    only_after: int = 0
    different: int = 0
    on_their_way: int = 0  # of two versions
    columns: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)
    unheard: Unheard = field(default_factory=dict, repr=False)

    @property
    def clean(self) -> bool:
        """Whether nothing is."""
        return not (self.only_before or self.only_after or self.different)

    @property
    def unshown(self) -> int:
        """How many more there are than examples."""
        return self.different + self.only_before + self.only_after - len(self.examples)

    def beyond(self, expected: set[str]) -> bool:
        """Whether anything is besides these columns."""
        return bool(self.only_before or self.only_after or self.columns.keys() - expected)

    def add(self, example: Example) -> None:
        """One more."""
        self.columns.update(example.columns.keys())
        self.show(example)

    def fail(self, aggregate: Aggregate, version: int, why: str) -> None:
        """One that could not be folded, so its row would be gone."""
        self.only_before += 1
        self.show(Example(aggregate, "", version, {"": ("a row", why)}))

    def show(self, example: Example) -> None:
        """Among the examples, as long as there are few."""
        if len(self.examples) < EXAMPLES_MAX:
            self.examples.append(example)


def diff(
    sink: Sink, rows: Rows, before: Generation, after: Generation, unheard: Unheard | None = None
) -> Diff:
    """All rows of both. `unheard` is what columns showed before, as long as they heard nothing."""
    found = Diff(unheard=unheard or {})
    for one, other in _pairs(every(rows, before), every(rows, after)):
        there = one or other
        assert there is not None
        if one is None or other is None:
            missing_from = after if other is None else before
            head = drive(rows.read(missing_from, there.aggregate, ()))
            if head.version != there.version:
                found.on_their_way += 1
                continue
        compare(sink, found, one, other)
    return found


def compare(sink: Sink, found: Diff, one: Listed | None, other: Listed | None) -> None:
    """One row before and after, which is there once at least."""
    if one is not None and other is not None:
        if one.version != other.version:
            found.on_their_way += 1
        elif different := _columns(sink, one, other, found.unheard):
            found.different += 1
            found.add(Example(one.aggregate, one.key, one.version, different))
        else:
            found.same += 1
        return
    there = one or other
    if there is not None:
        found.only_before += other is None
        found.only_after += one is None
        shown = _shown(sink, there)
        columns = {n: (v, None) if other is None else (None, v) for n, v in shown.items()}
        found.show(Example(there.aggregate, there.key, there.version, columns))


def _columns(
    sink: Sink, one: Listed, other: Listed, unheard: Unheard
) -> dict[str, tuple[Any, Any]]:
    if one.cells == other.cells and not unheard:
        return {}
    before, after = _shown(sink, one, unheard), _shown(sink, other)
    return {n: (before.get(n), v) for n, v in after.items() if before.get(n) != v}


def _shown(sink: Sink, one: Listed, unheard: Unheard | None = None) -> dict[str, Any]:
    """Of what the code before has folded, as far as it can be read by the code at hand."""
    return shown(sink, one.aggregate, one.key, {**(unheard or {}), **_decode(one.cells)})


def shown(sink: Sink, aggregate: Aggregate, key: str, cells: Cells) -> dict[str, Any]:
    """What people see of a row, besides whose it is."""
    machine, identity = sink.state.__machine__, {"id": aggregate.id}
    if sink.state.__keys__:
        identity["key"] = key
    row = machine.public(machine.legible(cells, **identity))
    return {name: value for name, value in row.items() if name not in ("id", "key")}


def every(rows: Rows, generation: Generation) -> Iterator[Listed]:
    """Its rows, in the order of their places."""
    after: Place = ("", "", "")
    while page := drive(rows.all(generation, after, ROWS_A_PAGE)):
        yield from page
        after = _place(page[-1])


def _place(one: Listed) -> Place:
    return one.aggregate.tenant, one.aggregate.id, one.key


def _pairs(
    before: Iterator[Listed], after: Iterator[Listed]
) -> Iterator[tuple[Listed | None, Listed | None]]:
    """Side by side, both in the order of their places."""
    one, other = next(before, None), next(after, None)
    while one is not None or other is not None:
        if other is None or (one is not None and _place(one) < _place(other)):
            yield one, None
            one = next(before, None)
        elif one is None or _place(other) < _place(one):
            yield None, other
            other = next(after, None)
        else:
            yield one, other
            one, other = next(before, None), next(after, None)
