"""One example: a view and a history from a seed, folded by every evaluator, made small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

import duckdb
import sqlglot

from mainstem import View
from mainstem._same import same
from mainstem.discovery import Domain, domain_of
from mainstem.envelope import Envelope
from mainstem.folding import rows_of
from mainstem.sql import select
from mainstem.sql.duck import hold, run
from tests.agreement import facts
from tests.agreement.histories import history
from tests.agreement.views import written

TEXTS_EVERY = 10  # rendering and reading back six texts takes longer than folding
FACTS: Domain = domain_of(facts)
Differ = Callable[[type[View], list[Envelope]], list[str]]


@dataclass
class Example:
    seed: int
    text: str
    view: type[View]
    events: list[Envelope]

    def __str__(self) -> str:
        events = "\n".join(
            f"  {e.id} {e.version} {e.type} at={e.at} by={e.by!r} {e.data}" for e in self.events
        )
        return f"seed {self.seed}\n{self.text}\n{events}"


def example(seed: int) -> Example:
    rng = Random(seed)
    text, view = written(rng)
    return Example(seed, text, view, history(rng))


def differences(view: type[View], events: list[Envelope]) -> list[str]:
    """How DuckDB's rows, from typed columns and from raw JSON, differ from the incremental ones."""
    expected = rows_of(view, FACTS, events)
    found = []
    for raw in (False, True):
        hold(connection(), FACTS, events, raw=raw)
        got = run(connection(), view, raw=raw)
        if not same(got, expected):
            found += [
                f"{'raw JSON' if raw else 'typed columns'}: {got}",
                f"incremental: {expected}",
            ]
    return found


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One for each process: opening it takes longer than most examples."""
    made = duckdb.connect()
    made.execute("set threads = 1")
    return made


def unread(view: type[View]) -> list[str]:
    """Dialects whose text sqlglot does not read back as it was written."""
    return [
        f"{dialect}{' raw' if raw else ''}: not read back as written"
        for dialect in ("duckdb", "trino", "spark")
        for raw in (False, True)
        if _read_back(text := select(view, dialect, raw=raw), dialect) != text
    ]


def _read_back(text: str, dialect: str) -> str:
    return sqlglot.parse_one(text, dialect=dialect).sql(dialect, pretty=True)


def checked(seed: int) -> str:
    """What is wrong with one example, on as few events as show it; "" where all agree."""
    one = example(seed)
    found = differences(one.view, one.events)
    if found:
        one.events = smaller(one, differences)
        found = differences(one.view, one.events)
    if seed % TEXTS_EVERY == 0:
        found += unread(one.view)
    return "\n".join([str(one), *found]) if found else ""


def smaller(one: Example, differ: Differ) -> list[Envelope]:
    """Fewer events that still differ; versions stay, for a hole changes no fold that SQL knows."""
    events = one.events
    for id in sorted({(e.tenant, e.id) for e in events}):
        fewer = [e for e in events if (e.tenant, e.id) != id]
        if fewer and differ(one.view, fewer):
            events = fewer
    while len(events) > 1 and differ(one.view, events[:-1]):
        events = events[:-1]  # as long as it still differs, drop what came last
    return events
