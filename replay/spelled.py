"""Spelled: what a view declares, as data, in words close to those of its file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MARKED = ("columns", "by", "order", "newest_first", "where")  # as one would say it
UNSIGNED = {"neg": "-{}", "not": "not {}"}


def spelled(said: Any) -> str:
    """As short as it is still clear; "" where nothing is said."""
    if said is None:
        return ""
    if isinstance(said, list):
        return " ".join([str(said[0]).lower(), ", ".join(_mark(said[1]))]).strip()
    if "fold" in said:
        return _fold(said)
    return _expr(said.get("is", said))


def _mark(said: Any) -> Iterator[str]:
    for name in MARKED:
        value = said.get(name)
        if name == "where" and value is not None:
            yield f"where {_expr(value)}"
        elif value is True:
            yield name.replace("_", " ")
        elif isinstance(value, list) and value:
            yield f"{name} {' and '.join(value)}"
        elif isinstance(value, str):
            yield f"{name} {value}"


def _fold(said: Any) -> str:
    fold, default = said["fold"], said.get("default")
    heard = [_source(fold, event, one) for event, one in sorted(said.get("heard", {}).items())]
    heard = heard or sorted(said.get("steps", {}))
    many = f" {said['n']}" if said.get("n") else ""
    of = f" of {', '.join(heard)}" if heard else ""
    return f"{fold}{many}{of}{'' if default is None else f' (else {default!r})'}"


def _source(fold: str, event: str, said: Any) -> str:
    """What it hears of one event; that it is counted needs no word."""
    value, where = said["value"]["is"], said["where"]
    constant = f"{value['value']!r} at {event}" if "value" in value else ""
    heard = event if fold == "count" else constant or _expr(value, f"{event}.")
    return heard if where is None else f"{heard} where {_expr(where['is'], f'{event}.')}"


def _expr(said: Any, of: str = "") -> str:
    """Its names are an event's fields where `of` says whose, and columns elsewhere."""
    if "name" in said:
        return f"{of}{said['name']}"
    if "sign" not in said:
        return repr(said.get("value"))
    sign, args = said["sign"], [_expr(one, of) for one in said["args"]]
    inner = [f"({one})" if _infix(a) else one for a, one in zip(said["args"], args, strict=True)]
    if _infix(said):
        return f" {sign} ".join(inner)
    if sign in UNSIGNED:
        return UNSIGNED[sign].format(*inner)
    span = [f"{said['span']} µs"] if said.get("span") else []
    return f"{sign}({', '.join([*args, *span])})"


def _infix(said: Any) -> bool:
    sign = said.get("sign", "")
    return len(said.get("args", ())) > 1 and bool(sign) and not sign[0].isalpha()
