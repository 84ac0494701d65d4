"""A history in two parts: DuckDB folds the first into cells, and the incremental evaluator goes on.

Between the two, cells are JSON, as a store keeps them. Rows are compared with those of the whole
history folded incrementally, private columns included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

import msgspec

from archive.duck import quoted
from mainstem import State
from mainstem._same import same
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from mainstem.folding import Folding
from mainstem.sql import cells, cells_of
from mainstem.sql.duck import hold
from tests.agreement.compare import FACTS, connection, example, smaller

Row = dict[str, Any]
Foldings = dict[tuple[str, str], Folding]  # by tenant and id


def differences(
    view: type[State], domain: Domain, events: Sequence[Envelope], cut: int
) -> list[str]:
    """How rows differ where DuckDB folds the events before `cut`, and Python those after it."""
    expected = rows_in(went_on(nothing(view), domain, events))
    got = rows_in(went_on(held(view, domain, events[:cut]), domain, events[cut:]))
    if same(got, expected):
        return []
    began = {name: one.rows or one.cells for name, one in held(view, domain, events[:cut]).items()}
    return [f"cells of the first {cut}: {began}", f"in parts: {got}", f"at once:  {expected}"]


def held(view: type[State], domain: Domain, events: Sequence[Envelope]) -> Foldings:
    """What DuckDB folds from these events, put away and taken up again."""
    hold(connection(), domain, events)
    by = _at_once if len(events) % 2 else _tenant_by_tenant
    return taken_up(view, by(view, domain))


def _at_once(view: type[State], _: Domain) -> list[Row]:
    return _found(cells(view))


def _tenant_by_tenant(view: type[State], domain: Domain) -> list[Row]:
    every = f"{domain.name}_events"
    found = list[Row]()
    for row in _found(f"SELECT DISTINCT tenant FROM {every}"):
        mine = f"FROM {every} WHERE tenant = {quoted(row['tenant'])}"
        connection().execute(f"CREATE OR REPLACE TEMP VIEW mine AS {mine}")
        found += _found(cells(view, source="mine", tenant=row["tenant"]))
    return found


def _found(text: str) -> list[Row]:
    rows: list[Row] = connection().sql(text).to_arrow_table().to_pylist()
    return rows


def taken_up(view: type[State], rows: Iterable[Row]) -> Foldings:
    """Cells that a statement has found, put away and taken up again."""
    found = nothing(view)
    for row in rows:
        folding = found[row["tenant"], row["id"]]
        stored = msgspec.json.decode(msgspec.json.encode(cells_of(view, row)))
        if folding.keyed:
            folding.rows[row["key"]] = stored
        else:
            folding.cells = stored
    return found


def nothing(view: type[State]) -> Foldings:
    """Before any event."""
    return defaultdict(lambda: Folding(view))


def went_on(found: Foldings, domain: Domain, events: Sequence[Envelope]) -> Foldings:
    """These, with more events."""
    for envelope in events:
        found[envelope.tenant, envelope.id].fold(*domain.record(envelope))
    return found


def rows_in(found: Foldings) -> list[Row]:
    """Finished, in their order."""
    return [
        one.machine.finish(cells, tenant=tenant, id=id, key=key)
        for (tenant, id), one in sorted(found.items())
        for key, cells in (sorted(one.rows.items()) if one.keyed else [("", one.cells)])
    ]


def checked(seed: int) -> str:
    """What is wrong with one example, cut at random and at its end; "" where nothing is."""
    one = example(seed)
    for cut in (Random(seed).randrange(len(one.events)), len(one.events)):
        if differences(one.view, FACTS, one.events, cut):
            one.events = smaller(one, anywhere)
            return "\n".join([str(one), *anywhere(one.view, one.events)])
    return ""


def anywhere(view: type[State], events: list[Envelope]) -> list[str]:
    """The first difference that some cut shows."""
    for cut in range(len(events) + 1):
        if found := differences(view, FACTS, events, cut):
            return found
    return []
