"""The text of a `fold()` step, for its fingerprint: the one fold that isn't data.

Comments and blank lines are left out. Functions of the same file, constants and choices that it
names are told with it, since changing one of those changes what it means.
"""

from __future__ import annotations

import inspect
import io
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cache
from types import CodeType, FunctionType
from typing import Any

from mainstem._refusal import Mistake

PLAIN = (str, int, float, bool, bytes, type(None), date, timedelta)  # a datetime is a date


@cache
def written(step: Callable[..., Any]) -> dict[str, str]:
    """The step and whatever of its own package it names, each as text.

    Once told it stays so: the file may change while the process still runs what it had read.
    """
    found: dict[str, str] = {}
    _tell(step, found)
    return found


def _tell(function: Any, found: dict[str, str]) -> None:
    refuse_untold(function)
    defaults = _told((function.__defaults__, function.__kwdefaults__))
    found[function.__name__] = f"{_text(function)}\n{defaults}"
    for name in sorted(_names(function.__code__) & function.__globals__.keys() - found.keys()):
        value = inspect.unwrap(function.__globals__[name])
        if isinstance(value, FunctionType) and _home(value) == _home(function):
            _tell(value, found)
        elif (told := _told(value)) is not None:
            found[name] = told
        elif not _known(value, function):
            raise Mistake(
                f"{function.__name__}: names {name}, whose changes can't be told by its text; "
                "use functions and constants"
            )


def _home(value: Any) -> str:
    """The package something is written in: what it says there is ours to follow."""
    return str(getattr(value, "__module__", "")).partition(".")[0]


def _known(value: Any, function: FunctionType) -> bool:
    """What needs no telling: modules, events and states, and whatever comes from a library."""
    if inspect.ismodule(value) or hasattr(value, "__shape__") or hasattr(value, "__columns__"):
        return True
    made_here = _home(type(value)) in (_home(function), "functools")
    return not made_here and (not callable(value) or _home(value) != _home(function))


def refuse_untold(function: Any) -> None:
    """A lambda's lines aren't its own and a closure's values have no text: both change unseen."""
    name = getattr(function, "__name__", repr(function))
    if not isinstance(function, FunctionType) or name == "<lambda>":
        raise Mistake(f"{name}: changes are told by its text, so it begins with def")
    if function.__closure__:
        raise Mistake(f"{name}: closes over values, which have no text; give them names above")


def _told(value: Any) -> str | None:
    """A constant as text, the same in every process; None for what is no constant."""
    if isinstance(value, Enum):
        return f"{value.name}={_told(value.value)}"
    if isinstance(value, PLAIN):
        return repr(value)
    if isinstance(value, re.Pattern):
        return f"{value.pattern!r} {value.flags}"
    if isinstance(value, Mapping):
        return _all_told((part for pair in value.items() for part in pair), "{}")
    if isinstance(value, (tuple, list)):
        return _all_told(value, "[]")
    if isinstance(value, (set, frozenset)):
        told = [_told(one) or "" for one in value]
        return f"set{sorted(told)}" if all(told) else None
    return _all_told(value, "<>") if isinstance(value, type) and issubclass(value, Enum) else None


def _all_told(values: Iterable[Any], signs: str) -> str | None:
    told = [_told(one) for one in values]
    return None if None in told else f"{signs[0]}{', '.join(map(str, told))}{signs[1]}"


def _names(code: CodeType) -> set[str]:
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*map(_names, inner))


def _text(function: FunctionType) -> str:
    try:
        source = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        raise Mistake(f"{function.__name__}: has no source; write it in a file") from None
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())
