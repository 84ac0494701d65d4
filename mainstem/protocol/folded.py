"""Folded: what the archive amounts to, aggregate by aggregate, whichever engine has folded it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mainstem._machine import Cells
from mainstem.aggregate import Aggregate
from mainstem.ports import Change
from mainstem.ports.parks import Position


class Folded(NamedTuple):
    """An aggregate's rows, as a consumer would hold them after its last event here."""

    aggregate: Aggregate
    version: int
    applied: Position  # of facts, where the last one stood
    rows: Mapping[str, Cells]


class Dirty(NamedTuple):
    """An aggregate whose events here are not exactly 1..n, or can't be folded: folded elsewhere."""

    aggregate: Aggregate
    version: int  # the highest there is
    why: str
    whole: bool = False  # whether they are all there, and can't be folded


class Prepared(NamedTuple):
    """An aggregate's rows as they are written: what follows from them has been computed."""

    aggregate: Aggregate
    version: int
    change: Change
