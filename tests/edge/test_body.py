"""Strict JSON: every line of "HTTP body" in the table of bad input."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.body import strict
from edge.problems import Problem
from mainstem.envelope import JSON_DEPTH_MAX

DEEPEST = b"[" * JSON_DEPTH_MAX + b"]" * JSON_DEPTH_MAX


def refused(raw: bytes) -> tuple[str, str]:
    """Where, and why."""
    with pytest.raises(Problem) as no:
        strict(raw)
    assert no.value.status == 400
    (flaw,) = no.value.flaws
    return flaw.at, flaw.detail


@pytest.mark.parametrize(
    ("raw", "at", "words"),
    [
        (b"", "", "no JSON"),
        (b"{", "", "no JSON"),
        (b"{'title': 'It burns'}", "", "no JSON"),
        (b'{"title": "It burns"} {}', "", "extra data"),
        (b'{"title": "It\nburns"}', "", "no JSON"),
        (b'\xef\xbb\xbf{"title": "It burns"}', "", "byte order mark"),
        (b'{"title": "\xff"}', "", "no UTF-8 from byte 11"),
        (b'{"title": "\xed\xa0\x80"}', "", "no UTF-8"),
        ('{"title": "It burns"}'.encode("utf-16"), "", "no UTF-8"),
        (b'{"title": "a", "title": "b"}', "/title", "twice"),
        (b'{"tea": [{"milk": 1, "milk": 1}]}', "/tea/0/milk", "twice"),
        (b'{"cents": NaN}', "/cents", "no number"),
        (b'{"cents": [1, -Infinity]}', "/cents/1", "no number"),
        (b"Infinity", "", "no number"),
        (b'{"cents": 1e309}', "/cents", "range"),
        (b'{"cents": 9007199254740992}', "/cents", "2**53"),
        (b'{"cents": [-9007199254740992]}', "/cents/0", "2**53"),
        (b'{"cents": ' + b"9" * 250_000 + b"}", "/cents", "2**53"),
        (b"[" + DEEPEST + b"]", "/0" * JSON_DEPTH_MAX, "deeper"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "/a" * JSON_DEPTH_MAX, "deeper"),
        (b"[" * 100_000, "", "deeper"),
        (b'{"a":' * 50_000, "", "deeper"),
        (b'{"title": "\\ud83d"}', "/title", "half a character"),
        (b'{"title": ["\\udd25\\ud83d"]}', "/title/0", "half a character"),
        (b'{"\\ud83d": 1}', "/?", "half a character"),
        (b'{"title": "It\\u0000burns"}', "/title", "U+0000"),
        (b'{"a~b/c": "\\u0000"}', "/a~0b~1c", "U+0000"),
    ],
)
def test_what_readers_may_disagree_about_is_refused_by_its_path(
    raw: bytes, at: str, words: str
) -> None:
    where, why = refused(raw)
    assert where == at
    assert words in why


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b' {"title": "It burns"}\n', {"title": "It burns"}),
        (b'{"fire": "\\ud83d\\udd25 \xf0\x9f\x94\xa5"}', {"fire": "🔥 🔥"}),
        (b"[9007199254740991, -9007199254740991]", [2**53 - 1, -(2**53) + 1]),
        (b"[1e308, 0.5, -0.0, 1e-400]", [1e308, 0.5, -0.0, 0.0]),
        (b"[true, false, null, []]", [True, False, None, []]),
        (DEEPEST, json.loads(DEEPEST)),
        (b'"tea"', "tea"),
    ],
)
def test_what_they_agree_about_is_read(raw: bytes, value: Any) -> None:
    assert strict(raw) == value


def test_a_name_in_an_answer_is_cut() -> None:
    at, _ = refused(b'{"%s": NaN}' % (b"a" * 10_000))
    assert len(at) < 100


LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text().filter(
    lambda text: "\0" not in text
)  # fmt: skip


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.just("a"), inner)))
def test_plain_values_come_through(value: Any) -> None:
    assert strict(json.dumps(value).encode()) == value


@given(st.binary(max_size=64) | st.text(max_size=64).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_a_value_or_a_problem(raw: bytes) -> None:
    with suppress(Problem):
        strict(raw)
