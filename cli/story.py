"""The demo as a story: what is seen at each step, for somebody who sees it for the first time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.agreement import EVALUATORS, Rows
from cli.domains import shown
from cli.excerpt import DIALECTS, expression, statements
from cli.journey import Journey, Step
from cli.paper import WIDTH, chapter, labelled, labelled_json, paragraph, shortened, table

LONG_COLUMN, SHORT_COLUMN = "title", "comments"
ENVELOPES_SHOWN = 2
CELL = 19  # so that four evaluators stand side by side


def told(journey: Journey, rows: Mapping[str, Rows], wrong: Sequence[str]) -> Iterator[str]:
    """The whole demo, line by line."""
    yield "Mainstem demo · one ticket, in memory · nothing is written, nothing leaves this machine"
    yield from _asked(journey)
    yield from _stored(journey)
    yield from _folds(journey)
    yield from _sql(journey)
    yield from _compared(rows, wrong)
    yield from _summary(journey, rows, wrong)


def _asked(journey: Journey) -> Iterator[str]:
    yield from chapter(
        1,
        "Commands ask, events are what happened, a view is what people read",
        "A command is a request, as data. It looks at what has happened so far, and decides: new "
        "facts, nothing new, or no, in the user's words. The view follows from the facts alone.",
    )
    for n, step in enumerate(journey.steps):
        yield from [""] if n else []
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    yield from labelled(f"{step.by} asks", repr(step.command))
    if step.refused:
        yield from labelled("  refused", step.refused)
    elif not step.events:
        yield from labelled("  nothing", "asked twice, decided once: no change, no event")
    for event in step.events:
        yield from labelled("  decided", repr(event))
    moved = [f"{name} {_value(new)}" for name, (_, new) in step.moved().items()]
    if moved:
        yield from labelled("  view", " · ".join(moved))


def _value(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(str, value)))}}}"
    return f"{value:%H:%M}" if hasattr(value, "hour") else repr(value)


def _stored(journey: Journey) -> Iterator[str]:
    from mainstem.envelope import encode

    yield from chapter(
        2,
        "Events are stored for ever, and all else follows from them",
        "Each travels in an envelope: which of its ticket's events it is, when it happened, by "
        "whom, for which command; `schema` says how old its shape is, so it can always be read.",
    )
    texts = [encode(one).decode() for one in journey.envelopes]
    for one, text in list(zip(journey.envelopes, texts, strict=True))[:ENVELOPES_SHOWN]:
        yield from labelled_json(f"version {one.version}", text)
    size = sum(len(text.encode()) for text in texts)
    yield from labelled("…", f"{len(texts) - ENVELOPES_SHOWN} more; {size:,} bytes of JSON in all")


def _folds(journey: Journey) -> Iterator[str]:
    from mainstem.fingerprint import declared, fingerprint

    columns = declared(journey.view)["columns"]
    yield from chapter(
        3,
        "A view is folds, and a fold is data",
        f"Nobody wrote a loop. {journey.view.__name__} says, column by column, which events it "
        "hears and how they combine; every evaluator reads this and nothing else.",
    )
    folds = {name: one for name, one in columns.items() if "heard" in one}
    yield from table([(name, one["fold"], _heard(one)) for name, one in folds.items()])
    others = [name for name in columns if name not in folds]
    if others:
        yield from paragraph(f"and {', '.join(others)}: rows of a key, or computed from the rest")
    yield ""
    yield from paragraph(
        f"Its fingerprint is {fingerprint(journey.view)}. Other folds have another, so rows that "
        "the old ones made are never mixed with the new."
    )


def _heard(fold: Mapping[str, Any]) -> str:
    return ", ".join(_source(fold["fold"], *one) for one in fold["heard"].items())


def _source(fold: str, event: str, source: Mapping[str, Any]) -> str:
    value = source["value"]["is"]
    if "name" in value:
        stamp = value["name"] in ("at", "by")
        return f"{value['name']}({event})" if stamp else f"{event}.{value['name']}"
    if "value" in value:
        return event if fold == "count" else f"{value['value']!r} at {event}"
    return f"{event} (computed)"


def _sql(journey: Journey) -> Iterator[str]:
    texts = statements(journey.view)
    yield from chapter(
        4,
        "The same folds as SQL, for the archive",
        "One statement computes the whole view from the events, however many tickets there are. "
        f"Of its {len(texts['duckdb'].splitlines())} lines for DuckDB, these are `{LONG_COLUMN}`:",
    )
    lines = expression(texts["duckdb"], "duckdb", LONG_COLUMN, pretty=True).splitlines()
    yield from (shortened(f"      {line}", WIDTH) for line in lines)
    yield ""
    yield from paragraph(
        f"And `{SHORT_COLUMN}` in three dialects, rendered from one tree. Trino's and Spark's "
        "aren't run here; `mainstem demo --json` holds all three whole."
    )
    yield ""
    for dialect, name in DIALECTS.items():
        line = expression(texts[dialect], dialect, SHORT_COLUMN, pretty=False)
        yield from labelled(f"   {name}", line)


def _compared(rows: Mapping[str, Rows], wrong: Sequence[str]) -> Iterator[str]:
    yield from chapter(
        5,
        "Every evaluator answers alike",
        "The same events, two ways in Python and two in SQL, compared to the letter:",
    )
    yield from table([(name, (EVALUATORS[name].__doc__ or "").strip()) for name in rows])
    yield ""
    first = [found[0] if found else {} for found in rows.values()]
    cells = [[column, *(_cell(row, column) for row in first)] for column in first[0]]
    yield from table([["", *rows], *cells])
    yield from (f"   ✗ {line}" for line in wrong)


def _cell(row: Mapping[str, Any], column: str) -> str:
    if column not in row:
        return "(missing)"
    return shortened(json.dumps(row[column], ensure_ascii=False, default=repr), CELL)


def _summary(journey: Journey, rows: Mapping[str, Rows], wrong: Sequence[str]) -> Iterator[str]:
    decided, refused, again = (journey.count(one) for one in ("decided", "refused", "nothing"))
    file = Path(str(journey.domain.module.__file__))
    lines = len(file.read_text("utf-8").splitlines())
    asked = f"{len(journey.steps)} asked: {decided} decided, {refused} refused"
    yield ""
    yield f"{asked}, {again} asked twice and decided once · {len(journey.envelopes)} events"
    if wrong:
        yield f"the evaluators differ in {len(wrong)} places ✗"
    else:
        yield f"{len(rows)} evaluators agree on every column ✓"
    yield ""
    yield from labelled("Read", f"{shown(file)}: all there is to this domain, {lines} lines", 0)
    yield from labelled("Write", "mainstem new guestbook", 0)
