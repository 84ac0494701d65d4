"""The trampoline: runs a coroutine of the protocol over ports that block instead of waiting."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def drive(steps: Coroutine[Any, Any, T]) -> T:
    """What it returns. A port that yields here belongs to a simulator, which has its own driver."""
    try:
        steps.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    steps.close()
    raise AssertionError("a port waited where all ports block")
