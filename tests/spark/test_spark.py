"""Spark says what the others say, to the value and its type: of every view, and of generated ones.

All statements run in one session, since most of what each costs alone is Java's start.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from mainstem import State
from mainstem._examples import histories
from mainstem._same import same
from mainstem.discovery import Domain, discover
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.laws import in_python
from tests.agreement.compare import FACTS
from tests.agreement.histories import history
from tests.agreement.views import written
from tests.house.tree import ROOT
from tests.spark.engine import Asked, answers, archived

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("spark")]

HISTORIES = 100  # of each domain, all folded by one statement
GENERATED = 60


class Tried(NamedTuple):
    text: str
    asked: Asked
    events: list[Envelope]


def apart(found: list[list[Envelope]]) -> list[Envelope]:
    """Histories side by side, each with tenants of its own."""
    return [replace(e, tenant=f"{n}-{e.tenant}") for n, one in enumerate(found) for e in one]


def of_domain(domain: Domain) -> list[Envelope]:
    found: list[list[Envelope]] = []

    @settings(
        max_examples=HISTORIES, database=None, derandomize=True, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(histories(domain))
    def taken(one: list[Envelope]) -> None:
        found.append(one)

    taken()
    return apart(found)


def of_domains(folder: Path) -> Iterator[Tried]:
    for domain in discover(ROOT / "domains").values():
        events = of_domain(domain)
        files = archived(folder / domain.name, domain, events)
        for name, state in domain.states.items():
            if not in_python(state):
                yield Tried(f"{domain.name}.{name}", Asked(state, domain, files), events)


def generated(folder: Path) -> Iterator[Tried]:
    events = apart([history(Random(seed)) for seed in range(HISTORIES)])
    files = archived(folder / FACTS.name, FACTS, events)
    for seed in range(GENERATED):
        text, view = written(Random(seed))
        yield Tried(text, Asked(view, FACTS, files), events)


def differs(tried: Tried, got: list[dict[str, object]] | str) -> str:
    """What is wrong with an answer, or ""."""
    if isinstance(got, str):
        return f"{tried.text}\n{got}"
    view: type[State] = tried.asked.view
    for one, other in zip_longest(got, rows_of(view, tried.asked.domain, tried.events)):
        if not same(one, other):
            return f"{tried.text}\nSpark:       {one}\nincremental: {other}"
    return ""


def test_every_view_has_the_rows_that_it_has_elsewhere(tmp_path: Path) -> None:
    tried = [*of_domains(tmp_path), *generated(tmp_path)]
    found = answers(tmp_path, [one.asked for one in tried])
    wrong = [no for one, got in zip(tried, found, strict=True) if (no := differs(one, got))]
    assert not wrong, "\n\n".join(wrong)
