"""Strict JSON: what different readers would take for different things is refused, by its path."""

from __future__ import annotations

import json
import math
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from edge.problems import Problem, invalid, pointer
from mainstem._kind import WHOLE_MAX
from mainstem.envelope import JSON_DEPTH_MAX

WHOLE_DIGITS_MAX = 17  # with its sign; no longer one is even turned into a number
Path = tuple[str | int, ...]


class _Wrong(NamedTuple):
    """Stands where a value can't, until its path is known."""

    why: str
    under: Path = ()


def strict(raw: bytes) -> Any:
    """The value that every JSON reader agrees on. Raises a Problem that names the path."""
    text = _text(raw)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as wrong:
        raise _bad((), f"is no JSON: {_said(wrong)}") from None
    except RecursionError:
        raise _bad((), f"is nested deeper than {JSON_DEPTH_MAX}") from None
    _walk(value, ())
    return value


def _text(raw: bytes) -> str:
    if raw.startswith(BOM_UTF8):
        raise _bad((), "starts with a byte order mark")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise _bad((), f"is no UTF-8 from byte {wrong.start} on") from None


def _said(wrong: json.JSONDecodeError) -> str:
    words = wrong.msg[:1].lower() + wrong.msg[1:].removesuffix(" at")
    return f"{words}, line {wrong.lineno}, column {wrong.colno}"


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any] | _Wrong:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
    return _Wrong("stands twice in one object", (twice,))


def _constant(name: str) -> _Wrong:
    return _Wrong(f"is {name}, which is no number in JSON")


def _real(text: str) -> float | _Wrong:
    number = float(text)
    return number if math.isfinite(number) else _Wrong("is beyond the range of a real number")


def _whole(text: str) -> int | _Wrong:
    if len(text) <= WHOLE_DIGITS_MAX and -WHOLE_MAX <= (number := int(text)) <= WHOLE_MAX:
        return number
    return _Wrong("is a whole number beyond 2**53 - 1")


def _walk(value: Any, path: Path) -> None:
    """Every value has a meaning, and so has every name."""
    if isinstance(value, _Wrong):
        raise _bad((*path, *value.under), value.why)
    if isinstance(value, str):
        _refuse_text(value, path)
    elif isinstance(value, (dict, list)):
        if len(path) >= JSON_DEPTH_MAX:
            raise _bad(path, f"is nested deeper than {JSON_DEPTH_MAX}")
        _walk_into(value, path)


def _walk_into(value: dict[str, Any] | list[Any], path: Path) -> None:
    if isinstance(value, dict):
        for name, one in value.items():
            _refuse_text(name, (*path, name))
            _walk(one, (*path, name))
        return
    for n, one in enumerate(value):
        if type(one) not in (int, float, bool):
            _walk(one, (*path, n))


def _refuse_text(text: str, path: Path) -> None:
    if "\0" in text:
        raise _bad(path, "holds U+0000, which some stores cut at")
    if not text.isascii() and not _is_whole(text):
        raise _bad(path, "holds half a character (a lone surrogate)")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _bad(path: Path, why: str) -> Problem:
    return invalid(pointer(*path), why)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_real, parse_int=_whole
)
