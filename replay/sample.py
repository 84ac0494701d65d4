"""Sample: some aggregates of a view, folded by the code at hand, beside the rows that are read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec

from mainstem._machine import Cells
from mainstem.aggregate import Aggregate
from mainstem.folding import Folding, Hole
from mainstem.ports import Generation, Listed, Place, Rows
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from replay.diff import Diff, Unheard, compare
from replay.some import Events, Which, chosen, keys_of

_encode = msgspec.json.Encoder().encode


class Sampled(NamedTuple):
    """How many there were, and what would be different."""

    aggregates: int
    diff: Diff


def sampled(
    archive: Path, sink: Sink, rows: Rows, read: Generation, which: Which, unheard: Unheard
) -> Sampled:
    """Each is folded to the version that its row shows."""
    found, aggregates = Diff(unheard=unheard), 0
    with chosen(archive, sink.domain, which) as some:
        for aggregate, events in some:
            aggregates += 1
            _compare(sink, rows, read, aggregate, events, found)
    return Sampled(aggregates, found)


def folded(sink: Sink, events: Events, upto: int) -> Folding:
    """As far as a version. Raises Hole, and whatever the domain's code does."""
    folding = Folding(sink.state)
    for type, record in events:
        if folding.version == upto:
            break
        folding.advance(type, record)
    return folding


def rows_of(folding: Folding) -> dict[str, Cells]:
    """By key; "" is the row of a view without keys."""
    return folding.rows if folding.keyed else {"": folding.cells}


def _compare(
    sink: Sink, rows: Rows, read: Generation, aggregate: Aggregate, events: Events, found: Diff
) -> None:
    head = drive(rows.read(read, aggregate, ()))
    try:
        folding = folded(sink, events, head.version)
    except Hole:  # the journal has it, and a rebuild would ask there
        found.on_their_way += 1
        return
    except Exception as no:  # noqa: BLE001  the row would wait: whatever the domain's code met
        found.fail(aggregate, head.version, str(no))
        return
    if folding.version != head.version:
        found.on_their_way += 1
        return
    after = rows_of(folding)
    there = drive(rows.read(read, aggregate, after.keys() | keys_of(rows, read, aggregate)))
    if there.version != head.version:  # it went on while it was folded
        found.on_their_way += 1
        return
    before = there.rows
    for key in sorted(before.keys() | after.keys()):
        new = None if key not in after else _encode(after[key])
        one = _listed(aggregate, key, head.version, before.get(key))
        compare(sink, found, one, _listed(aggregate, key, head.version, new))


def _listed(aggregate: Aggregate, key: str, version: int, cells: bytes | None) -> Listed | None:
    if cells is None:
        return None
    return Listed(aggregate, key, version, cells, Place(None, aggregate.id, key))
