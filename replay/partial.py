"""Partial: some aggregates' rows folded anew where they stand, for when few are wrong.

Their folds are those of the rows that are read, so no generation is made: each row is replaced IF
it still has the version it was read with. Whatever has come meanwhile came by the feed, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from mainstem._machine import Cells
from mainstem.aggregate import Aggregate
from mainstem.ports import Head
from mainstem.protocol.change import replaced
from mainstem.protocol.consume import Into
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from replay.diff import shown
from replay.sample import folded, rows_of
from replay.some import Events, Which, chosen, keys_of

TRIES_MAX = 5
_decode = msgspec.json.Decoder().decode


class Mended(NamedTuple):
    """How many were looked at, how many were not what they should be, and which still are not."""

    aggregates: int = 0
    events: int = 0
    mended: int = 0
    left: tuple[str, ...] = ()


def mended(archive: Path, into: Into, which: Which, *, write: bool = True) -> Mended:
    """All of these. `into` must be silent: nothing follows from it. Or just what it would mend."""
    found = Mended()
    with chosen(archive, into.sink.domain, which) as some:
        for aggregate, events in some:
            changed, why = _mended(into, aggregate, events, write)
            left = (f"{aggregate}: {why}",) if why else ()
            found = Mended(
                found.aggregates + 1, found.events + len(events), found.mended + changed,
                found.left + left,
            )  # fmt: skip
    return found


def _mended(into: Into, aggregate: Aggregate, events: Events, write: bool) -> tuple[bool, str]:
    """Whether it was written, or would be, and why it was not where it should have been."""
    keyed = bool(into.sink.state.__keys__)
    for _ in range(TRIES_MAX):
        keys = keys_of(into.rows, into.generation, aggregate) if keyed else {""}
        head = drive(into.rows.read(into.generation, aggregate, keys))
        try:
            folding = folded(into.sink, events, head.version)
        except Exception as no:  # noqa: BLE001  whatever the domain's code met
            return False, str(no)
        if folding.version != head.version:
            return False, f"the archive ends at version {folding.version} of {head.version}"
        rows = rows_of(folding)
        if _same(into.sink, aggregate, head, rows):
            return False, ""
        change = replaced(into.sink, aggregate, head, rows)
        if not write or drive(into.rows.write(into.generation, aggregate, change)):
            return True, ""
    return False, "others wrote it all the time"


def _same(sink: Sink, aggregate: Aggregate, head: Head, rows: Mapping[str, Cells]) -> bool:
    """By what they show: there are several ways to have heard nothing."""
    before = {key: shown(sink, aggregate, key, _decode(cells)) for key, cells in head.rows.items()}
    return before == {key: shown(sink, aggregate, key, cells) for key, cells in rows.items()}
