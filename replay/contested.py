"""Contested: values that several aggregates of a generation claim, found in its rows.

Only one of them will hold each; the others go without. Rows are looked at twice: what they claim is
kept as short numbers, and those that came twice are looked at in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from mainstem._mark import Unique, marks
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.ports import Claim, Generation, Rows
from mainstem.protocol.standing import claims_of
from mainstem.sink import Sink
from replay.diff import every

_decode = msgspec.json.Decoder().decode
Claiming = tuple[Aggregate, Claim]


class Contested(NamedTuple):
    """One value, and all who claim it, in the order of their ids."""

    tenant: str
    mark: str
    values: tuple[Any, ...]
    ids: tuple[str, ...]

    def __str__(self) -> str:
        values = ", ".join(map(repr, self.values))
        return f"{self.mark} {values}: {', '.join(self.ids)}"


def contested(sink: Sink, rows: Rows, generation: Generation) -> list[Contested]:
    """All there are, in the order of tenants, marks and values."""
    if not marks(sink.state, Unique) or not sink.domain.decided:
        return []
    seen, twice = set[int](), set[int]()
    for aggregate, claim in _claims(sink, rows, generation):
        short = _short(aggregate.tenant, claim)
        (twice if short in seen else seen).add(short)
    found: dict[tuple[str, Claim], list[str]] = {}
    for aggregate, claim in _claims(sink, rows, generation) if twice else ():
        if _short(aggregate.tenant, claim) in twice:
            found.setdefault((aggregate.tenant, claim), []).append(aggregate.id)
    return [_contested(*one, ids) for one, ids in sorted(found.items()) if len(ids) > 1]


def _contested(tenant: str, claim: Claim, ids: list[str]) -> Contested:
    mark = claim.mark.partition(".")[2]
    return Contested(tenant, mark, tuple(_decode(claim.values)), tuple(ids))


def _claims(sink: Sink, rows: Rows, generation: Generation) -> Iterator[Claiming]:
    state = sink.state
    for one in every(rows, generation):
        try:
            row = state.__machine__.finish(_decode(one.cells), id=one.aggregate.id)
        except Unfit:
            continue  # nothing is decided on it either
        for claim in claims_of(state, row):
            yield one.aggregate, claim


def _short(tenant: str, claim: Claim) -> int:
    told = "\0".join((tenant, *claim)).encode()
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big")
