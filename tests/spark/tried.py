"""What engines elsewhere are tried on: every view of every domain, and generated ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow.parquet as pq

from mainstem._same import same
from mainstem.discovery import discover
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.laws import in_python
from mainstem.sql.duck import raw_table
from tests.agreement.compare import FACTS
from tests.agreement.histories import apart, history, of_domain
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


def everything(folder: Path) -> list[Tried]:
    return [*of_domains(folder), *generated(folder)]


def of_domains(folder: Path) -> Iterator[Tried]:
    for domain in discover(ROOT / "domains").values():
        events = of_domain(domain, HISTORIES)
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


def from_json(folder: Path, tried: Sequence[Tried]) -> Iterator[Tried]:
    """The same of raw JSON, as events are first kept: former names and types included."""
    for one in tried:
        text, asked, events = one
        file = folder / f"{asked.domain.name}_raw" / "raw.parquet"
        if not file.exists():
            file.parent.mkdir()
            pq.write_table(raw_table(events), file)
        yield Tried(f"{text}\nfrom raw JSON", asked._replace(files=[file], raw=True), events)


def differs(tried: Tried, got: list[Row] | str) -> str:
    """What is wrong with an engine's answer, or ""."""
    if isinstance(got, str):
        return f"{tried.text}\n{got}"
    expected = rows_of(tried.asked.view, tried.asked.domain, tried.events)
    for one, other in zip_longest(got, expected):
        if not same(one, other):
            return f"{tried.text}\nit says:     {one}\nincremental: {other}"
    return ""
