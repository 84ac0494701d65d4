"""A command's body from the words of a command line: `field=value`, read by the field's kind."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from cli.domains import must_be_one_of
from cli.session import WrongUsage
from edge.limits import BODY_BYTES_MAX
from edge.words import read_as
from mainstem import Command
from mainstem._kind import Kind, kind_of
from mainstem._refusal import Unfit

STDIN = "-"


def body_of(kind: type[Command[Any]], words: Sequence[str], whole: str | None) -> bytes:
    """The body as JSON: of these words, or as it was given whole."""
    if whole is None:
        return json.dumps(_fields(kind, words)).encode()
    if words:
        raise WrongUsage("--body is all of the body; leave out either it or field=value")
    return _read() if whole == STDIN else whole.encode("utf-8", "surrogateescape")


def pairs(words: Sequence[str], what: str) -> list[tuple[str, str]]:
    """Each name and its text."""
    for word in words:
        if "=" not in word:
            raise WrongUsage(f"{word!r}: say {what}=value")
    return [(name, text) for name, _, text in (word.partition("=") for word in words)]


def _read() -> bytes:
    return sys.stdin.buffer.read(BODY_BYTES_MAX + 1)


def _fields(kind: type[Command[Any]], words: Sequence[str]) -> dict[str, Any]:
    texts: dict[str, list[str]] = {}
    for name, text in pairs(words, "field"):
        must_be_one_of(name, kind.model_fields, f"field of {kind.__name__}")
        texts.setdefault(name, []).append(text)
    return {name: _value(kind, name, found) for name, found in texts.items()}


def _value(kind: type[Command[Any]], name: str, texts: Sequence[str]) -> Any:
    try:
        of = kind_of(kind.model_fields[name].annotation)
    except Unfit:  # a command may hold what no event could
        return _anything(texts[0])
    if of.item is not None:
        return _many(of.item, texts)
    if len(texts) > 1:
        raise WrongUsage(f"{name} stands twice; it is one value")
    return None if of.optional and not texts[0] else read_as(of, texts[0])


def _many(item: Kind, texts: Sequence[str]) -> list[Any]:
    """A list: said once as JSON, or a word for each of them."""
    if len(texts) == 1 and texts[0].startswith("["):
        found = _anything(texts[0])
        if isinstance(found, list):
            return found
    return [read_as(item, text) for text in texts if text or len(texts) > 1]


def _anything(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
