"""Fields: a body as the model it must fit, and what is wrong with it in our own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from edge.body import strict
from edge.problems import Flaw, Problem, pointer

M = TypeVar("M", bound=BaseModel)
FLAWS_MAX = 20
TOLD_CHARACTERS_MIN = 4  # fewer stand in any sentence, and are no secret
MOMENT = "is a moment with a time zone, like 2026-01-31T09:00:00Z"
OF_THE_MODEL = re.compile(r"(?:Value error, )?([a-z][a-z0-9_]*): (.+)", re.DOTALL)

# What pydantic calls it -> the rule, with pydantic's own limits in it.
RULES = {
    "missing": "is missing",
    "extra_forbidden": "is no field here",
    "model_type": "is an object",
    "model_attributes_type": "is an object",
    "dict_type": "is an object",
    "none_required": "is null",
    "string_type": "is text",
    "string_too_short": "has {min_length} characters or more",
    "string_too_long": "has at most {max_length} characters",
    "string_pattern_mismatch": "matches {pattern}",
    "literal_error": "is {expected}",
    "enum": "is {expected}",
    "int_type": "is a whole number",
    "int_parsing": "is a whole number",
    "int_from_float": "is a whole number",
    "float_type": "is a number",
    "float_parsing": "is a number",
    "finite_number": "is a number",
    "bool_type": "is true or false",
    "bool_parsing": "is true or false",
    "greater_than": "is more than {gt}",
    "greater_than_equal": "is {ge} or more",
    "less_than": "is less than {lt}",
    "less_than_equal": "is {le} or less",
    "multiple_of": "is a multiple of {multiple_of}",
    "tuple_type": "is a list",
    "list_type": "is a list",
    "set_type": "is a list",
    "frozen_set_type": "is a list",
    "too_short": "holds {min_length} or more",
    "too_long": "holds at most {max_length}",
    "timezone_aware": MOMENT,
    "timezone_naive": MOMENT,
}


def fitted(kind: type[M], raw: bytes) -> M:
    """The body as this model. Raises a Problem that names every field that is wrong."""
    value = strict(raw)
    try:
        return kind.model_validate_json(raw)
    except ValidationError as wrong:
        raise Problem(400, "invalid", _in_short(kind), flaws=flaws(wrong, value, kind)) from None


def flaws(wrong: ValidationError, value: Any, kind: type[BaseModel]) -> tuple[Flaw, ...]:
    """What is wrong, a flaw a field: several rules that one field breaks are told together."""
    found: dict[str, dict[str, None]] = {}
    for error in wrong.errors(include_url=False):
        path, rule = _told(dict(error), value, kind)
        found.setdefault(pointer(*path), {})[rule] = None
    return tuple(Flaw(at, ", or ".join(rules)) for at, rules in list(found.items())[:FLAWS_MAX])


def _in_short(kind: type[BaseModel]) -> str:
    return f"this is no {kind.__name__}"


def _told(
    error: Mapping[str, Any], value: Any, kind: type[BaseModel]
) -> tuple[tuple[str | int, ...], str]:
    path = tuple(_followed(error["loc"], value, error["type"]))
    own = None if path else OF_THE_MODEL.fullmatch(error["msg"])
    if own is not None and own[1] in kind.model_fields:  # the model looks after all its fields
        return (own[1],), _unquoted(own[2], value)
    return path, _rule(error)


def _followed(loc: tuple[str | int, ...], value: Any, type: str) -> Iterator[str | int]:
    """The part of a location that leads through what was sent: a union adds names of its own."""
    for n, part in enumerate(loc):
        if _holds(value, part):
            value = value[part]
        elif not (type == "missing" and n == len(loc) - 1):
            return
        yield part


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _rule(error: Mapping[str, Any]) -> str:
    kind = error["type"]
    if kind.startswith(("datetime", "date_", "time_")):
        return MOMENT
    rule = RULES.get(kind)
    if rule is not None:
        return rule.format_map(error.get("ctx", {}))
    return _unquoted(error["msg"].removeprefix("Value error, "), error["input"])


def _unquoted(words: str, value: Any) -> str:
    """A domain's own words, unless they repeat what was sent: that may be a secret."""
    sent = [str(one) for one in (value.values() if isinstance(value, dict) else (value,))]
    return (
        "is not allowed"
        if any(len(one) >= TOLD_CHARACTERS_MIN and one in words for one in sent)
        else words
    )
