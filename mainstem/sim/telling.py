"""Telling: what happens in a life, line by line, in words that people read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from mainstem._refused import Refused
from mainstem.aggregate import Aggregate
from mainstem.ports import (
    Arrived,
    Bundle,
    Change,
    Changed,
    Claim,
    Claims,
    Document,
    Generation,
    Head,
    Hint,
    Lane,
    Loaded,
    Once,
    Parked,
    Reading,
    Record,
    Touched,
    Trouble,
    Verdict,
)  # fmt: skip
from mainstem.protocol.commit import Committed

CHARACTERS_MAX = 110
SHOWN_MAX = 3  # of several things
DULL = frozenset(("generations.note", "rows.forget", "journal.keep"))  # they change nothing to see
SILENT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,}|\d{15,}")
MOMENT_MIN = 10**14


class Line(NamedTuple):
    """One thing that happened."""

    step: int
    at: int  # in microseconds since the life began
    who: str
    what: str
    outcome: str
    task: int = 0  # whose it is; 0: nobody's who calls ports
    matters: bool = True  # something changed, or went wrong

    def __str__(self) -> str:
        said = f"{self.what} → {self.outcome}" if self.outcome else self.what
        return f"{self.step:5} {self.at / 1e6:8.1f}s  {self.who}: {said}"


def story(lines: Sequence[Line]) -> Iterator[str]:
    """The lines of all who changed something or met a fault; how many were left out between."""
    busy = {line.task for line in lines if line.matters}
    dull = 0
    for line in lines:
        if line.task and line.task not in busy:
            dull += 1
            continue
        yield from _left_out(dull)
        dull = 0
        yield str(line)
    yield from _left_out(dull)


def _left_out(many: int) -> Iterator[str]:
    if many:
        yield f"{'':17}… {many} call{'' if many == 1 else 's'} that changed nothing"


def in_words(value: object) -> str:
    """A value in few characters."""
    told = _WORDS.get(type(value))
    text = _other(value) if told is None else told(value)
    return text if len(text) <= CHARACTERS_MAX else f"{text[: CHARACTERS_MAX - 1]}…"


def asked(args: Sequence[object]) -> str:
    """What a call is about: moments and commands' ids say nothing to a reader."""
    return ", ".join(in_words(one) for one in args if not _silent(one))


def _silent(value: object) -> bool:
    if isinstance(value, str):
        return SILENT.fullmatch(value) is not None
    return isinstance(value, dict) or (isinstance(value, int) and value > MOMENT_MIN)


def _other(value: object) -> str:
    match value:
        case Refused():
            return f"refused: {value.reason}"
        case Trouble():
            return f"{type(value).__name__}: {value}"
        case str():
            return value or '""'
        case tuple() if hasattr(value, "_fields"):
            return f"{type(value).__name__.lower()} of {_some(value)}"
        case Mapping():
            return _some(value) if value else "nothing"
        case tuple() | list():
            return _some(value) if value else "nothing"
        case set() | frozenset():
            return _some(sorted(value, key=repr)) if value else "nothing"
        case _:
            return repr(value)


def _some(values: Iterable[object]) -> str:
    every = [in_words(one) for one in values]
    more = f" and {len(every) - SHOWN_MAX} more" if len(every) > SHOWN_MAX + 1 else ""
    return ", ".join(every[:SHOWN_MAX] if more else every) + more


def _span(first: int, last: int) -> str:
    return f"version {first}" if first == last else f"versions {first} to {last}"


def _record(record: Record) -> str:
    types = ", ".join(json.loads(line)["type"] for line in record.events)
    return f"{record.aggregate} {_span(record.first, record.last)} ({types})"


def _data(data: bytes) -> str:
    """Whose events a bundle holds."""
    try:
        header, *events = map(json.loads, data.split(b"\n"))
    except ValueError:
        return f"{len(data)} bytes"
    if "bundle" not in header or not events:
        return f"{len(data)} bytes"
    if header.get("producer"):
        types = ", ".join(f"{one['id']} {one['type']}" for one in events)
        return f"bundle {header['n']} of {header['producer']} ({types})"
    first, last = events[0], events[-1]
    return f"{first['domain']}/{first['id']} {_span(first['version'], last['version'])}"


def _loaded(loaded: Loaded) -> str:
    before = "; this command is in there" if loaded.answered is not None else ""
    waits = f"; {loaded.unpublished} not published" if loaded.unpublished else ""
    return f"version {loaded.version}{before}{waits}"


def _claims(claims: Claims) -> str:
    taken, released = map(_some, map(sorted, claims))
    return f"claims {taken or 'nothing'}{f', lets go {released}' if released else ''}"


def _reading(reading: Reading) -> str:
    found = "; ".join(_data(one.data) for one in reading.records)
    return f"{found or 'nothing new'}{', the end' if reading.ended else ''}"


def _committed(answer: Committed) -> str:
    if not answer.happened:
        return f"nothing to do, it is at version {answer.version}"
    said = "" if answer.answer is None else f", {answer.answer!r}"
    return f"version {answer.version}{said}{' (decided before)' if answer.again else ''}"


_WORDS: Mapping[type, Callable[[Any], str]] = {
    type(None): lambda _: "nothing",
    bool: lambda yes: "yes" if yes else "no",
    bytes: _data,
    Aggregate: str,
    Record: _record,
    Loaded: _loaded,
    Verdict: lambda verdict: str(verdict.value),
    Bundle: lambda bundle: _data(bundle.data),
    Arrived: lambda arrived: _data(arrived.data),
    Reading: _reading,
    Claim: lambda claim: f"{claim.mark} {claim.values}",
    Claims: _claims,
    Changed: lambda one: f"{one.aggregate} {one.key} version {one.version}".replace("  ", " "),
    Touched: lambda one: f"{one.aggregate} version {one.version}",
    Hint: lambda one: f"{one.aggregate} version {one.first}",
    Once: lambda once: f"key {once.key}",
    Lane: lambda lane: f"up to {lane.sequence}",
    Head: lambda head: f"version {head.version}",
    Change: lambda change: f"version {change.read.version} becomes {change.version}",
    Generation: lambda generation: f"{generation.sink}/{generation.number}",
    Parked: lambda parked: f"{parked.aggregate} waits for version {parked.high}: {parked.why}",
    Document: lambda one: f"{one.id} {one.key} version {one.version}",
    Committed: _committed,
}
