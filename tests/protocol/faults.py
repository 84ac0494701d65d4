"""A port that fails on purpose: before a call, after it took effect, or by taking effect late."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from mainstem.ports import Unknown

BEFORE, AFTER = "before", "after"


class Faulty:
    """Stands before a port; `fail` says, call by call, whether and how it fails."""

    def __init__(self, port: Any, fail: Callable[[str], str | None]) -> None:
        self._port, self._fail = port, fail
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        async def call(*args: Any) -> Any:
            self.calls.append(name)
            how = self._fail(name)
            if how == BEFORE:
                raise Unknown(f"{name}: it never got there")
            steps: Coroutine[Any, Any, Any] = method(*args)
            result = await steps
            if how == AFTER:
                raise Unknown(f"{name}: it happened, and nobody was told")
            return result

        return call


def once(name: str, how: str) -> Callable[[str], str | None]:
    """Fails at the first call of this method, and never again."""
    left = [how]
    return lambda called: left.pop() if called == name and left else None


def always(name: str, how: str) -> Callable[[str], str | None]:
    return lambda called: how if called == name else None
