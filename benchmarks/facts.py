"""Facts of many orders, mixed: as lines that a producer sends, and as what is taken of them.

When each happened is its number: unlike any other's, and higher than those of the same order
before it. So it can be told of a stream what is missing there, doubled or out of order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from random import Random
from typing import NamedTuple

import msgspec

from benchmarks.history import ORDERS, envelopes
from mainstem.envelope import Envelope
from mainstem.protocol.ingest import Fact
from producers.taking import Taker

SEED = 36
TAKER = Taker(ORDERS, "retail-europe-central", "tills.frankfurt-hauptwache.example.com")
_encode = msgspec.json.Encoder().encode


class Numbered(msgspec.Struct):
    """What counts of an envelope, here."""

    id: str
    at: int


numbered = msgspec.json.Decoder(Numbered).decode


class Load(NamedTuple):
    """The same facts as somebody sends them, and as they travel."""

    lines: list[bytes]
    facts: list[Fact]

    @property
    def bytes(self) -> int:
        """Of one that travels, on average."""
        return round(sum(len(one.line) for one in self.facts) / len(self.facts))

    def first(self, many: int) -> Load:
        """So many of them."""
        return Load(self.lines[:many], self.facts[:many])


def load(many: int) -> Load:
    """About so many."""
    sent = lines(many)
    return Load(sent, taken(sent))


def lines(many: int) -> list[bytes]:
    """About so many. What happened to one order stays in its order; all else is mixed."""
    told = envelopes(many)
    orders = {id: iter([*those]) for id, those in groupby(told, key=lambda one: one.id)}
    turns = [one.id for one in told]
    Random(SEED).shuffle(turns)
    return [_line(next(orders[id]), at) for at, id in enumerate(turns, 1)]


def taken(lines: Sequence[bytes]) -> list[Fact]:
    """All of them; there is nothing wrong with any."""
    found = [TAKER.take(line, 0) for line in lines]
    facts = [one for one in found if isinstance(one, Fact)]
    assert len(facts) == len(lines), "a line was refused"
    return facts


def _line(envelope: Envelope, at: int) -> bytes:
    return _encode({"id": envelope.id, "type": envelope.type, "at": at, "data": envelope.data})
