"""Long lively histories of any domain, by a seed: keys meet, rows go, clocks step back.

Values are any that can be stored: awkward texts, numbers at their limits, None, fields that were
added later, former names. Hypothesis draws the same, some hundred times slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from mainstem._examples import PEOPLE
from mainstem._kind import WHOLE_MAX, Kind
from mainstem._shape import Shape
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from tests.agreement.histories import MOMENTS, NUMBERS, REALS, START, TEXTS

TENANTS = ("main", "acme", "Ünï", "😀")
TYPICAL = 12  # events of an aggregate
LONG = 600  # and of one in a hundred
WORDS = 6  # that an aggregate's texts are mostly of, so that keys meet
DAY_US = 86_400_000_000
LIMITS = (WHOLE_MAX, -WHOLE_MAX, 2**31, -(2**31) - 1, 2**32)
ODD_REALS = (-0.0, 3, 1 / 3, 1.7976931348623157e308, 123456789.125, -2.5e-10)


def lively(domain: Domain, seed: int, events: int) -> Iterator[Envelope]:
    """At least so many, one aggregate after the other."""
    rng, number, made = Random(seed), 0, 0
    while made < events:
        number += 1
        for envelope in Aggregate(domain, rng, number).history():
            made += 1
            yield envelope


class Aggregate:
    """One of many: its name, and the words that it is about."""

    def __init__(self, domain: Domain, rng: Random, number: int) -> None:
        self.domain, self.rng = domain, rng
        self.tenant = rng.choice(TENANTS)
        self.id = f"{rng.choice(('id', 'ID', 'é', '😀', '￿', ' '))}-{number}"
        self.words = [self.word() for _ in range(WORDS)]
        self.at = START + rng.randrange(-DAY_US, DAY_US)

    def word(self) -> str:
        rng = self.rng
        if rng.random() < 0.5:
            return rng.choice((*TEXTS, *PEOPLE))
        letters = rng.choices("abzAZ019 _-éßſİ李\u0301😀\uffff'\"\\%{}[]\n\t", k=rng.randint(1, 9))
        return "".join(letters)

    def history(self) -> Iterator[Envelope]:
        rng = self.rng
        shapes = [event.__shape__ for event in self.domain.events.values()]
        many = rng.randint(1, LONG) if rng.random() < 0.01 else rng.randint(1, 2 * TYPICAL)
        for version in range(1, many + 1):
            self.at += rng.choice((0, 0, 1, -1, 1_000, 60_000_000, -60_000_000, DAY_US))
            yield self.event(rng.choice(shapes), version)

    def event(self, shape: Shape, version: int) -> Envelope:
        return Envelope(
            tenant=self.tenant, domain=self.domain.name, id=self.id, version=version,
            type=self.rng.choice((shape.type, shape.type, *shape.was)), schema=shape.schema,
            at=self.at, by=self.rng.choice(PEOPLE), data=self.data(shape),
        )  # fmt: skip

    def data(self, shape: Shape) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for one in shape.fields:
            if (one.kind.optional or not one.required) and self.rng.random() < 0.2:
                continue  # stored before the field was added
            name = self.rng.choice((one.name, one.name, *one.was))
            found[name] = self.value(one.kind)
        return found

    def value(self, kind: Kind) -> Any:
        rng = self.rng
        if kind.optional and rng.random() < 0.25:
            return None
        if kind.item is not None:
            return [self.value(kind.item) for _ in range(rng.choice((0, 1, 2, 3, 3, 9)))]
        words = kind.words()
        if words is not None:
            return rng.choice(sorted(words))
        return getattr(self, f"_{kind.sort}")()

    def _text(self) -> str:
        rare = self.rng.random() < 0.05
        return self.word() if rare else self.rng.choice(self.words)

    def _whole(self) -> int:
        rng = self.rng
        near: Sequence[int] = LIMITS if rng.random() < 0.02 else NUMBERS
        return rng.choice(near)

    def _real(self) -> float:
        return self.rng.choice((*REALS, *ODD_REALS))

    def _truth(self) -> bool:
        return self.rng.random() < 0.5

    def _moment(self) -> int:
        rng = self.rng
        return rng.choice(MOMENTS) if rng.random() < 0.1 else self.at + rng.randrange(DAY_US)
