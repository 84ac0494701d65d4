"""Words: what a person types, or a cell holds, as the JSON value of its field's kind."""

from __future__ import annotations

import re
from math import isfinite
from typing import Any

from mainstem._kind import Kind, Sort

WHOLE = re.compile(r"-?[0-9]{1,20}")
TRUTHS = {"true": True, "false": False}


def read_as(kind: Kind, text: str) -> Any:
    """What can't be read as the kind stays text, so that whoever takes it says what it takes."""
    if kind.sort is Sort.TRUTH:
        return TRUTHS.get(text, text)
    if kind.sort is Sort.WHOLE and WHOLE.fullmatch(text):
        return int(text)
    if kind.sort is Sort.REAL:
        return _real(text)
    return text


def _real(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text
