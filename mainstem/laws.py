"""Laws: what holds for every domain, tested without being asked.

One line in a test file, `test_laws = laws(tickets)`, tests all of them with examples made from the
declarations.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from mainstem._declare import heard_by
from mainstem._examples import histories
from mainstem._kind import Sort
from mainstem._same import same
from mainstem._state import State
from mainstem._walk import Step, walks
from mainstem.discovery import Domain, domain_of
from mainstem.envelope import Envelope, decode, encode
from mainstem.folding import Folding, rows_of

EXAMPLES = 60
Check = Callable[..., None]


@dataclass(frozen=True)
class Law:
    """A rule in words, the examples it is tried on, and the check."""

    words: str
    examples: Callable[[Domain], st.SearchStrategy[Any]]
    check: Callable[[Domain, Any], None]


def laws(*domains: ModuleType | Domain, examples: int = EXAMPLES) -> Check:
    """A pytest test of every law for these domains."""
    import pytest

    known = [one if isinstance(one, Domain) else domain_of(one) for one in domains]
    cases = [pytest.param(d, law, id=f"{d.name}: {law.words}") for d in known for law in LAWS]

    @pytest.mark.parametrize(("domain", "law"), cases)
    def test_laws(domain: Domain, law: Law) -> None:
        obey(domain, law, examples)

    return test_laws


def broken(domain: Domain, examples: int = EXAMPLES) -> Iterator[tuple[str, str]]:
    """Each law in words, with how it is broken, or "" where it holds."""
    for law in LAWS:
        try:
            obey(domain, law, examples)
        except Exception as wrong:  # noqa: BLE001  the domain's own code runs in there
            notes = getattr(wrong, "__notes__", [])
            yield law.words, "\n".join([str(wrong) or repr(wrong), *map(str, notes)])
        else:
            yield law.words, ""


def obey(domain: Domain, law: Law, examples: int = EXAMPLES) -> None:
    """Raises AssertionError with the smallest example found that breaks the law."""

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),  # the law's words explain more than a trace would
    )
    @given(law.examples(domain))
    def tried(example: Any) -> None:
        law.check(domain, example)

    tried()


def _states(domain: Domain) -> list[type[State]]:
    return list(domain.states.values())


def _folded(state: type[State], domain: Domain, envelopes: list[Envelope]) -> list[Any]:
    return rows_of(state, domain, envelopes)


def _in_two_parts(domain: Domain, envelopes: list[Envelope]) -> None:
    """Cells are put away as JSON after every event, as a store would, and taken up again."""
    for state in _states(domain):
        found: dict[str, Folding] = {}
        for envelope in envelopes:
            folding = found.setdefault(envelope.id, Folding(state))
            folding.advance(*domain.record(envelope))
            folding.cells = json.loads(json.dumps(folding.cells))
            folding.rows = json.loads(json.dumps(folding.rows))
        parts = [row for id in sorted(found) for row in found[id].finished(tenant="main", id=id)]
        _alike(parts, _folded(state, domain, envelopes), f"{state.__name__} in two parts")


def _round_trip(domain: Domain, envelopes: list[Envelope]) -> None:
    for envelope in envelopes:
        raw = encode(envelope)
        again = decode(raw)
        assert again == envelope
        assert encode(again) == raw
        event = domain.by_type[envelope.type]
        assert event.__shape__.store(event.of(again.data, again.schema)) == envelope.data


def _twice(domain: Domain, envelopes: list[Envelope]) -> None:
    for state in _states(domain):
        found: dict[str, Folding] = {}
        for n, envelope in enumerate(envelopes):
            folding = found.setdefault(envelope.id, Folding(state))
            folding.advance(*domain.record(envelope))
            before = folding.finished()
            mine = [one for one in envelopes[: n + 1] if one.id == envelope.id]
            for earlier in mine:
                assert not folding.advance(*domain.record(earlier))
            _alike(folding.finished(), before, f"{state.__name__} after a duplicate")


def _agree(domain: Domain, envelopes: list[Envelope]) -> None:
    import duckdb

    from mainstem.sql.duck import hold, run

    coded = any(event.__shape__.upcasts for event in domain.events.values())
    with duckdb.connect() as connection:
        for raw in (False,) if coded else (False, True):
            hold(connection, domain, envelopes, raw=raw)
            for state in _states(domain):
                if not in_python(state):
                    expected, got = (
                        _folded(state, domain, envelopes),
                        run(connection, state, raw=raw),
                    )
                    _alike(got, expected, f"{state.__name__} by DuckDB, from {_source(raw)}")


def _source(raw: bool) -> str:
    return "JSON" if raw else "columns"


def _alike(got: list[Any], expected: list[Any], what: str) -> None:
    """Says which row is not as it should be, beside the one that is."""
    for one, other in zip_longest(got, expected):
        assert same(one, other), f"{what}, is\n    {one}\nand not\n    {other}"


def in_python(state: type[State]) -> bool:
    """Whether a state has a `fold()` anywhere, which only Python evaluates."""
    return any(
        column.kind.sort is Sort.PYTHON
        or (column.kind.sort is Sort.ROWS and in_python(column.kind.row))
        for column in state.__columns__.values()
    )


def _heard(domain: Domain, _: object) -> None:
    heard = {
        event
        for state in _states(domain)
        for event in (*state.__keys__, *state.__gone__, *_hears(state))
    }
    for event in domain.events.values():
        assert event in heard or event.__shape__.silent, (
            f"no state or view hears {event.__name__}; fold it, or say "
            f"class {event.__name__}(Event, silent=True)"
        )


def _hears(state: type[State]) -> Iterator[Any]:
    for column in state.__columns__.values():
        yield from heard_by(column)


def _decides(_: Domain, walk: list[Step]) -> None:
    """The walk itself fails where a decision raises anything but Refused."""
    for step in walk:
        note(str(step))
        assert step.error is None, f"{step.command!r} raised {step.raised()}"


def _determined(_: Domain, walk: list[Step]) -> None:
    for step in walk:
        assert step.twin == step.events, (
            f"the same question, two answers: {step.command!r} gave {step.events!r}, then "
            f"{step.twin!r}; time, ids and chance come from self.at and self.fresh()"
        )


def _repeated(_: Domain, walk: list[Step]) -> None:
    for step in walk:
        if step.again is not None and not type(step.command).__again__:
            assert not step.again, (
                f"asked twice, decided twice: {step.command!r} by {step.by!r} gave "
                f"{step.events!r}, then {step.again!r}; no change, no event, or say again=True"
            )


def _unchanged(_: Domain, walk: list[Step]) -> None:
    for step in walk:
        assert step.row_before == step.row_after, (
            f"{step.command!r} changed the state it decides on"
        )


def _nothing(_: Domain) -> st.SearchStrategy[None]:
    return st.none()


LAWS = (
    Law("every event is heard or said to be silent", _nothing, _heard),
    Law("folded in two parts is folded once", histories, _in_two_parts),
    Law("encoded and decoded is the same event", histories, _round_trip),
    Law("a duplicate changes nothing", histories, _twice),
    Law("every evaluator agrees", histories, _agree),
    Law("a decision grants or refuses", walks, _decides),
    Law("a decision follows from what it is given", walks, _determined),
    Law("asked twice is decided once", walks, _repeated),
    Law("a decision changes no state", walks, _unchanged),
)
