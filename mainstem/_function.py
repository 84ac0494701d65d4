"""Functions that a domain file hands over: plain ones, taking just what they will be given."""

from __future__ import annotations

import inspect
from types import FunctionType


def takes(function: object, n: int, *, yields: bool = False) -> bool:
    """Whether this is a function of n values, not async; a generator only if it `yields`."""
    if not isinstance(function, FunctionType) or inspect.iscoroutinefunction(function):
        return False
    if inspect.isasyncgenfunction(function):
        return False
    if inspect.isgeneratorfunction(function) and not yields:
        return False
    try:
        inspect.signature(function).bind(*range(n))
    except TypeError:
        return False
    return True
