"""Equality that forgives nothing: what two evaluators must agree in."""

from __future__ import annotations

from typing import Any


def same(got: Any, expected: Any) -> bool:
    """Equal in values and in types: 1 is not true here, nor 1.0; and maps in the same order."""
    if type(got) is not type(expected):
        return False
    if isinstance(expected, dict):
        return list(got) == list(expected) and all(same(got[k], expected[k]) for k in expected)
    if isinstance(expected, list):
        return len(got) == len(expected) and all(map(same, got, expected))
    return bool(got == expected)
