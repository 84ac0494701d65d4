"""Generated histories: every awkward value that may be stored, in a few aggregates."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from mainstem._examples import histories
from mainstem._kind import Kind, Sort
from mainstem.discovery import Domain
from mainstem.envelope import Envelope
from tests.agreement.facts import EVENTS

TEXTS = (
    "",
    " ",
    "a",
    "A",
    "b",
    "é",
    "e\u0301",
    "ﬀ",
    "\uffff",
    "😀",
    "李",
    "null",
    "o'k",
    'q"\\',
    "\n",
)
MOMENTS = (0, 1, -1, 1_767_225_600_000_000, 1_767_225_600_000_001, -(2**53) + 1, 2**53 - 1)
NUMBERS = (0, 1, 2, 3, -1, -7, 10, 1_000_003, -999_999)
REALS = (0.0, 1.0, -1.5, 0.1, 1e-7, 1e22, 5e-324, -1e300)
START = 1_767_225_600_000_000


def history(rng: Random) -> list[Envelope]:
    """Up to four aggregates of up to a dozen events each, in some order of arrival."""
    names = [("main", "id-1"), ("main", "id-2"), ("acme", "id-1"), ("acme", "é")]
    waiting = {name: rng.randint(1, 12) for name in rng.sample(names, rng.randint(1, 4))}
    versions = dict.fromkeys(waiting, 0)
    found = []
    while waiting:
        name = rng.choice(list(waiting))
        versions[name] += 1
        found.append(envelope(rng, *name, versions[name]))
        waiting[name] -= 1
        if not waiting[name]:
            del waiting[name]
    return found


def envelope(rng: Random, tenant: str, id: str, version: int) -> Envelope:
    shape = rng.choice(EVENTS).__shape__
    data: dict[str, Any] = {}
    for one in shape.fields:
        if (not one.required or one.kind.optional) and rng.random() < 0.3:
            continue  # stored before the field was added
        names = (one.name, one.name, *one.was)
        for name in (rng.choice(names), rng.choice(names)):  # two: an old release and a new one
            data[name] = value(rng, one.kind)
    return Envelope(
        tenant=tenant,
        domain="facts",
        id=id,
        version=version,
        type=rng.choice((shape.type, *shape.was)),
        schema=1,
        at=START + rng.choice((0, 0, 1, -1, 60_000_000)),  # clocks tie, and step back
        by=rng.choice(TEXTS),
        data=data,
    )


def value(rng: Random, kind: Kind) -> Any:
    if kind.optional and rng.random() < 0.3:
        return None
    if kind.item is not None:
        return [value(rng, kind.item) for _ in range(rng.randint(0, 3))]
    words = kind.words()
    if words is not None:
        return rng.choice(sorted(words))
    pools: dict[Sort, Any] = {
        Sort.TEXT: TEXTS,
        Sort.WHOLE: NUMBERS,
        Sort.REAL: REALS,
        Sort.TRUTH: (True, False),
        Sort.MOMENT: MOMENTS,
    }
    return rng.choice(pools[kind.sort])


def of_domain(domain: Domain, many: int) -> list[Envelope]:
    """So many histories of a domain, side by side, the same ones each time."""
    found: list[list[Envelope]] = []

    @settings(
        max_examples=many, database=None, derandomize=True, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(histories(domain))
    def taken(one: list[Envelope]) -> None:
        found.append(one)

    taken()
    return apart(found)


def apart(found: Sequence[Sequence[Envelope]]) -> list[Envelope]:
    """Histories side by side, each with tenants of its own."""
    return [replace(e, tenant=f"{n}-{e.tenant}") for n, one in enumerate(found) for e in one]
