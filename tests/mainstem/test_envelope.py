"""The envelope: one spelling out, any honest one in, and nothing that engines read differently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from mainstem import Unfit
from mainstem.envelope import (
    EVENT_BYTES_MAX,
    ID_CHARACTERS_MAX,
    JSON_DEPTH_MAX,
    NAME_CHARACTERS_MAX,
    SCHEMA_MAX,
    Envelope,
    decode,
    encode,
)

WHOLE_MAX = 2**53 - 1
FULL: dict[str, Any] = {
    "tenant": "main",
    "domain": "tickets",
    "id": "t-1",
    "version": 2,
    "type": "Renamed",
    "schema": 1,
    "at": 1_767_225_600_000_001,
    "by": "ann",
    "data": {"title": "It burns", "mood": -3, "rate": 0.25, "open": True, "of": None, "in": ["a"]},
    "command": "c-1",
    "cause": "tickets/t-0/7",
    "correlation": "r-1",
}
BURNS = Envelope(**FULL)


def spelled(**changes: Any) -> bytes:
    return json.dumps({**FULL, **changes}).encode()


def _numbered(cases: Sequence[tuple[Any, ...]]) -> list[str]:
    """Names of cases that are too long to be their own."""
    return [f"{n} {case[-1]}" for n, case in enumerate(cases)]


def without(name: str) -> bytes:
    return json.dumps({k: v for k, v in FULL.items() if k != name}).encode()


def test_it_is_written_in_one_spelling() -> None:
    raw = encode(BURNS)
    assert raw == msgspec.json.encode(FULL)
    assert decode(raw) == BURNS
    assert encode(decode(raw)) == raw


def test_what_nobody_said_is_left_out() -> None:
    alone = msgspec.structs.replace(BURNS, command=None, cause=None, correlation=None)
    assert set(json.loads(encode(alone))) == set(FULL) - {"command", "cause", "correlation"}
    assert decode(encode(alone)) == alone


def test_any_honest_spelling_is_read() -> None:
    assert decode(json.dumps(FULL, indent=2).encode()) == BURNS
    assert decode(json.dumps(dict(reversed(FULL.items()))).encode()) == BURNS
    assert decode(b" \n" + encode(BURNS) + b"\t") == BURNS
    escaped = encode(BURNS).replace(b"It burns", b"\\u0049t\\u0020burns")
    assert decode(escaped) == BURNS


@pytest.mark.parametrize(
    "text", ["", "😀", "李", "e\u0301", "\uffff", "o'k \"\\", "a\nb\t", "\x7f"]
)
def test_text_comes_back_as_it_was(text: str) -> None:
    said = msgspec.structs.replace(BURNS, by=text, data={"text": text, text: [text]})
    assert decode(encode(said)) == said


@pytest.mark.parametrize("number", [0, 1, -1, WHOLE_MAX, -WHOLE_MAX, 0.1, -1e300, 5e-324, 1e22])
def test_numbers_come_back_as_they_were(number: float) -> None:
    data = decode(encode(msgspec.structs.replace(BURNS, data={"n": number}))).data
    assert (type(data["n"]), data["n"]) == (type(number), number)


BAD_FIELDS = [
    ("tenant", "", "tenant: '' is not lower-case letters"),
    ("tenant", "Main", "tenant: 'Main' is not lower-case letters"),
    ("tenant", "a" * 64, "tenant: "),
    ("tenant", "main\n", "tenant: "),
    ("domain", "Tickets", "domain: 'Tickets' is no file name of a domain"),
    ("domain", "../tickets", "domain: '../tickets' is no file name"),
    ("domain", "", "domain: '' is no file name"),
    ("type", "renamed", "type: 'renamed' is no name of an event"),
    ("type", "", "type: '' is no name of an event"),
    ("id", "", "length >= 1"),
    ("id", "a" * (ID_CHARACTERS_MAX + 1), "length <= 256"),
    ("id", "a\nb", "has characters that can't be printed"),
    ("id", "a\u202eb", "has characters that can't be printed"),
    ("id", 7, "Expected `str`, got `int`"),
    ("by", "a" * (NAME_CHARACTERS_MAX + 1), "length <= 256"),
    ("by", None, "Expected `str`, got `null`"),
    ("cause", "a" * (NAME_CHARACTERS_MAX + 1), "length <= 256"),
    ("version", 0, ">= 1"),
    ("version", -1, ">= 1"),
    ("version", 2**53, "whole numbers end at 2**53 - 1"),
    ("version", "2", "Expected `int`, got `str`"),
    ("version", True, "Expected `int`, got `bool`"),
    ("version", 1.5, "Expected `int`"),
    ("schema", 0, ">= 1"),
    ("schema", SCHEMA_MAX + 1, "<= 10000"),
    ("at", 2**53, "whole numbers end at 2**53 - 1"),
    ("at", "2026-01-01", "Expected `int`, got `str`"),
    ("data", [], "Expected `object`, got `array`"),
    ("data", None, "Expected `object`, got `null`"),
    ("data", {"n": 2**53}, "whole numbers end at 2**53 - 1"),
    ("data", {"n": {"n": [-(2**53)]}}, "whole numbers end at 2**53 - 1"),
    ("data", {"n": "a\0b"}, "text holds no U+0000"),
    ("data", {"a\0b": 1}, "text holds no U+0000"),
    ("data", {"n": "\ud800"}, "text holds no lone surrogates"),
    ("data", {"\udfff": 1}, "text holds no lone surrogates"),
    ("data", {"n": float("nan")}, "NaN is no number that JSON knows"),
    ("data", {"n": float("-inf")}, "-Infinity is no number that JSON knows"),
    ("extra", 1, "unknown field `extra`"),
]


@pytest.mark.parametrize(("name", "value", "said"), BAD_FIELDS, ids=_numbered(BAD_FIELDS))
def test_what_the_envelope_can_not_hold_is_refused(name: str, value: Any, said: str) -> None:
    with pytest.raises(Unfit) as raised:
        decode(spelled(**{name: value}))
    assert said in str(raised.value)


def test_what_could_not_be_read_is_not_written() -> None:
    for name, value, _ in BAD_FIELDS:
        if name in FULL:
            with pytest.raises(Unfit):
                encode(Envelope(**{**FULL, name: value}))


@pytest.mark.parametrize("name", [n for n in FULL if n not in ("command", "cause", "correlation")])
def test_nothing_may_be_missing(name: str) -> None:
    with pytest.raises(Unfit, match=f"missing required field `{name}`"):
        decode(without(name))


BAD_BYTES = [
    (b"", "Expecting value"),
    (b"null", "Expected `object`, got `null`"),
    (b"[]", "Expected `object`, got `array`"),
    (b'"a"', "Expected `object`, got `str`"),
    (b"{}", "missing required field"),
    (encode(BURNS)[:-1], "envelope: "),
    (encode(BURNS) + b"{}", "Extra data"),
    (encode(BURNS) * 2, "Extra data"),
    (b"\xef\xbb\xbf" + encode(BURNS), "Unexpected UTF-8 BOM"),
    (encode(BURNS).decode().encode("utf-16"), "envelope: "),
    (encode(BURNS).replace(b"It burns", b"It \xff\xfe"), "invalid start byte"),
    (encode(BURNS).replace(b"It burns", b"It \xed\xa0\x80"), "invalid continuation byte"),
    (encode(BURNS).replace(b"It burns", b"It \xc0\x80"), "invalid start byte"),
    (encode(BURNS).replace(b"It burns", b"It \x01"), "Invalid control character"),
    (encode(BURNS).replace(b"0.25", b"NaN"), "NaN is no number that JSON knows"),
    (encode(BURNS).replace(b"0.25", b"1e999"), "beyond a real number's range"),
    (encode(BURNS).replace(b"0.25", b"9" * 5_000), "envelope: "),
    (encode(BURNS).replace(b"0.25", b"0x10"), "envelope: "),
    (encode(BURNS).replace(b"0.25", b"01"), "envelope: "),
    (encode(BURNS).replace(b'"mood"', b'"title"'), "a key stands twice in one object"),
    (encode(BURNS).replace(b'"mood"', b'"t\\u0069tle"'), "a key stands twice in one object"),
    (encode(BURNS).replace(b'"by"', b'"id"'), "a key stands twice in one object"),
    (encode(BURNS).replace(b"It burns", b"a\\u0000"), "text holds no U+0000"),
    (encode(BURNS).replace(b"It burns", b"a\\ud83d"), "text holds no lone surrogates"),
    (encode(BURNS).replace(b"0.25", b"[" * 60_000), "nested deeper than 32"),
    (b"[" * EVENT_BYTES_MAX, "nested deeper than 32"),
    (b'{"a":' * 10_000, "envelope: "),
]


@pytest.mark.parametrize(("raw", "said"), BAD_BYTES, ids=_numbered(BAD_BYTES))
def test_bytes_that_engines_would_read_differently_are_refused(raw: bytes, said: str) -> None:
    with pytest.raises(Unfit) as raised:
        decode(raw)
    assert said in str(raised.value)
    assert len(str(raised.value)) < 300, "a message never quotes all that was sent"


def test_it_nests_so_deep_and_no_deeper() -> None:
    def nested(depth: int) -> Envelope:
        value: Any = 1
        for _ in range(depth):
            value = [value]
        return msgspec.structs.replace(BURNS, data={"deep": value})

    deepest = nested(JSON_DEPTH_MAX - 2)
    assert decode(encode(deepest)) == deepest
    for write in (encode, lambda one: decode(msgspec.json.encode(one))):
        with pytest.raises(Unfit, match="nested deeper than 32"):
            write(nested(JSON_DEPTH_MAX - 1))


def test_it_has_so_many_bytes_and_no_more() -> None:
    spare = EVENT_BYTES_MAX - len(encode(msgspec.structs.replace(BURNS, data={"x": ""})))
    longest = msgspec.structs.replace(BURNS, data={"x": "x" * spare})
    assert len(encode(longest)) == EVENT_BYTES_MAX
    assert decode(encode(longest)) == longest
    longer = msgspec.structs.replace(BURNS, data={"x": "x" * (spare + 1)})
    for write in (encode, lambda one: decode(msgspec.json.encode(one))):
        with pytest.raises(Unfit, match="65537 bytes; an event has 65536 at most"):
            write(longer)


@pytest.mark.parametrize("value", [object(), b"bytes", {1: "a"}, {"a": {2}}, {"a": 1 + 2j}])
def test_what_is_no_json_is_not_written(value: object) -> None:
    with pytest.raises(Unfit):
        encode(msgspec.structs.replace(BURNS, data={"x": value}))
