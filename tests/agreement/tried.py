"""Every view of every domain, and generated ones, over drawn histories: for engines elsewhere.

Each is asked twice, over typed columns and over raw JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow.parquet as pq
from hypothesis import HealthCheck, Phase, given, settings
from msgspec.structs import replace

from mainstem import State
from mainstem._examples import histories
from mainstem._same import same
from mainstem.discovery import Domain, discover
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.laws import in_python
from mainstem.sql.duck import raw_table
from tests.agreement.compare import FACTS
from tests.agreement.histories import history
from tests.agreement.views import written
from tests.house.tree import ROOT
from tests.spark.engine import Asked, Row, archived

HISTORIES = 100  # of each domain, all folded by one statement
GENERATED = 60


class Tried(NamedTuple):
    """What is asked, and what the rows are of."""

    text: str
    asked: Asked
    events: list[Envelope]


def every(folder: Path) -> Iterator[Tried]:
    yield from of_domains(folder)
    yield from generated(folder)


def of_domains(folder: Path) -> Iterator[Tried]:
    for domain in discover(ROOT / "domains").values():
        events = drawn(domain)
        views = {n: one for n, one in domain.states.items() if not in_python(one)}
        texts = {f"{domain.name}.{name}": one for name, one in views.items()}
        yield from twice(folder, domain, events, texts)


def generated(folder: Path) -> Iterator[Tried]:
    events = apart([history(Random(seed)) for seed in range(HISTORIES)])
    texts = dict(written(Random(seed)) for seed in range(GENERATED))
    yield from twice(folder, FACTS, events, texts)


def twice(
    folder: Path, domain: Domain, events: list[Envelope], views: Mapping[str, type[State]]
) -> Iterator[Tried]:
    files = archived(folder / domain.name, domain, events)
    raw = stored(folder / f"{domain.name}_raw", events)
    for text, view in views.items():
        yield Tried(text, Asked(view, domain, files), events)
        yield Tried(f"{text}\nfrom raw JSON", Asked(view, domain, raw, raw=True), events)


def stored(folder: Path, events: Sequence[Envelope]) -> list[Path]:
    """These events with their data as JSON text."""
    folder.mkdir()
    file = folder / "raw.parquet"
    pq.write_table(raw_table(events), file)
    return [file]


def drawn(domain: Domain) -> list[Envelope]:
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


def apart(found: list[list[Envelope]]) -> list[Envelope]:
    """Histories side by side, each with tenants of its own."""
    return [replace(e, tenant=f"{n}-{e.tenant}") for n, one in enumerate(found) for e in one]


def differs(tried: Tried, got: list[Row] | str) -> str:
    """What is wrong with an engine's answer, or ""."""
    if isinstance(got, str):
        return f"{tried.text}\n{got}"
    expected = rows_of(tried.asked.view, tried.asked.domain, tried.events)
    for one, other in zip_longest(got, expected):
        if not same(one, other):
            return f"{tried.text}\nit says:     {one}\nincremental: {other}"
    return ""
