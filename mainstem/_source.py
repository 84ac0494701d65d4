"""The text of a `fold()` step, for its fingerprint: the one fold that isn't data.

Comments, blank lines and indentation are left out. Functions of the same file and constants that
it names are told with it, since changing one of those changes what it means.
"""

from __future__ import annotations

import inspect
import io
import textwrap
import tokenize
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from mainstem._refusal import Mistake

CONSTANTS = (str, int, float, bool, tuple, type(None))


def written(step: Callable[..., Any]) -> dict[str, str]:
    """The step and whatever of its file it names, each as text."""
    found: dict[str, str] = {}
    _tell(step, found)
    return found


def _tell(function: Any, found: dict[str, str]) -> None:
    if not isinstance(function, FunctionType):
        raise Mistake(f"fold(…): {function!r} has no source to tell its changes by; say def")
    if function.__closure__:
        raise Mistake(f"fold(…): {function.__name__} closes over values; give them names above")
    found[function.__name__] = _text(function)
    for name in sorted(_names(function.__code__)):
        value = function.__globals__.get(name)
        if name in found:
            continue
        if isinstance(value, FunctionType) and value.__module__ == function.__module__:
            _tell(value, found)
        elif name in function.__globals__ and isinstance(value, CONSTANTS):
            found[name] = repr(value)


def _names(code: CodeType) -> set[str]:
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _text(function: FunctionType) -> str:
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise Mistake(f"fold(…): {function.__name__} has no source; write it in a file") from None
    lines = source.splitlines()
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, IndentationError):
        pass  # a lambda in the middle of an expression: its lines as they are
    return "\n".join(line.strip() for line in lines if line.strip())
