"""What the million is made of: every domain here, the benchmark's orders, generated views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from benchmarks import history
from mainstem import State
from mainstem.discovery import Domain, discover
from mainstem.envelope import Envelope
from mainstem.laws import in_python
from tests.agreement.compare import FACTS
from tests.agreement.lively import lively
from tests.agreement.views import written
from tests.house.tree import ROOT

GENERATED = 60  # views of tests/agreement/views.py, one a seed


class Part(NamedTuple):
    """A domain, the views of it that are compared, and its events, by how many and a seed."""

    domain: Domain
    views: Mapping[str, type[State]]
    only_python: tuple[str, ...]
    events: Callable[[int, int], list[Envelope]]


def parts() -> dict[str, Part]:
    """By name: the same in every process."""
    found = {one.name: _of(one) for one in discover(ROOT / "domains").values()}
    orders = _of(history.ORDERS)._replace(events=lambda many, _: history.envelopes(many))
    views = {f"Generated {seed}": written(Random(seed))[1] for seed in range(GENERATED)}
    facts = _of(FACTS)._replace(views=views)
    return {**found, orders.domain.name: orders, facts.domain.name: facts}


def _of(domain: Domain) -> Part:
    """States that are no views too: SQL says them as well."""
    views = {name: one for name, one in domain.states.items() if not in_python(one)}
    rest = tuple(name for name in domain.states if name not in views)
    return Part(domain, views, rest, lambda many, seed: [*lively(domain, seed, many)])
