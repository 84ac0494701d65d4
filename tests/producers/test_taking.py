"""Taking facts: the quick way never says anything else than the strict way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.problems import Flaw
from mainstem._examples import any_event
from mainstem.protocol.ingest import Fact
from producers.taking import Taker
from tests.protocol.plant import domains

NOW = 1_800_000_000_000_000
CLICKS = Taker(domains()["clicks"], "main", "shop")
LOOK = {"id": "eve", "type": "Viewed", "data": {"page": "/tea", "ms": 900}}


def said(**changes: Any) -> bytes:
    return json.dumps({**LOOK, **changes}).encode()


def both(raw: bytes) -> tuple[Fact | None, Fact | Flaw]:
    return CLICKS._quickly(raw, NOW), CLICKS._strictly(raw, NOW)


@given(any_event(CLICKS.domain), st.sampled_from([None, 5, "2026-06-01T16:00:00Z"]), st.booleans())
def test_whatever_may_be_said_is_taken_alike(event: Any, at: Any, tight: bool) -> None:
    shape = event.__shape__
    line = {"id": "a", "type": shape.type, "at": at, "data": shape.store(event)}
    raw = json.dumps(line, separators=(",", ":") if tight else (", ", ": ")).encode()
    quick, strict = both(raw)
    assert isinstance(strict, Fact)
    assert quick in (None, strict)


@given(st.binary(max_size=3), st.integers(0, 80), st.integers(0, 3))
def test_a_line_that_was_damaged_is_taken_alike_or_refused(
    noise: bytes, place: int, cut: int
) -> None:
    raw = said()
    quick, strict = both(raw[:place] + noise + raw[place + cut :])
    assert quick is None or quick == strict


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":"a","id":"b","type":"Viewed","data":{"page":"/","ms":1}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":1,"ms":2}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":1,"ms"\t:2}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":1,"ms"  :2}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":9007199254740992}}',
        b'{"id":"a","type":"Viewed","data":{"page":"\\ud800","ms":1}}',
        b'{"id":"a","type":"Viewed","data":{"page":"\\u0000","ms":1}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":NaN}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":1},"at":"2026-06-01T16:00:00"}',
        b'{"id":"a\\n","type":"Viewed","data":{"page":"/","ms":1}}',
        b'{"id":"a","type":"Viewed","data":{"page":"/","ms":1,"more":1}}',
    ],
)
def test_what_two_readers_may_read_in_two_ways_is_refused(raw: bytes) -> None:
    quick, strict = both(raw)
    assert quick is None
    assert isinstance(strict, Flaw)
    assert CLICKS.take(raw, NOW) == strict


def test_nearly_every_line_is_taken_the_quick_way() -> None:
    for line in (said(), said(at=5), said(at="2026-06-01T16:00:00.5+02:00"), said(id="é")):
        assert CLICKS._quickly(line, NOW) is not None


def test_text_that_looks_like_a_key_is_read_the_strict_way() -> None:
    raw = said(data={"page": 'a":b', "ms": 1})
    quick, strict = both(raw)
    assert quick is None
    assert isinstance(strict, Fact)


def test_what_is_nested_without_end_is_told_and_ends_nothing() -> None:
    deep = "[" * 50_000 + "]" * 50_000
    line = f'{{"id": "eve", "type": "Viewed", "data": {{"page": "/", "ms": 1, "x": {deep}}}}}'
    assert isinstance(CLICKS.take(line.encode(), NOW), Flaw)
