"""Fingerprints: a hash of what a state declares. Other folds, other fingerprint, other generation.

Whatever changes a stored cell, row, index entry or claim changes it: folds, their conditions and
defaults, keys, derived columns, indexes, searches, claims; and the event fields they read, with
their former names, defaults and upcasts. Names of states in Python, the order of declarations,
docstrings and who may read do not. A renamed event or field does change it, was= or not: code from
before the rename can't read what is written after it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterable
from functools import cache
from typing import Any, cast

from mainstem._column import Column
from mainstem._event import Event
from mainstem._expr import Const, Expr, Name, Op, leaves
from mainstem._kind import Kind
from mainstem._mark import Readers
from mainstem._source import written
from mainstem._spec import Source, Spec
from mainstem._state import State

EITHER_WAY = frozenset({"==", "!=", "&", "|", "+", "*"})
DIGEST_BYTES = 16


def fingerprint(state: type[State]) -> str:
    """32 hexadecimal digits, the same in every process and every version of Python."""
    told = json.dumps(declared(state), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(told.encode(), digest_size=DIGEST_BYTES).hexdigest()


def printed(state: type[State]) -> str:
    """The fingerprint, computed once a process: it takes long for what runs all the time."""
    return _printed(cast("Hashable", state))


@cache
def _printed(state: type[State]) -> str:
    return fingerprint(state)


def declared(state: type[State]) -> dict[str, Any]:
    """What a state declares, as data: what the fingerprint hashes and a diff can show."""
    marks = {n: mark for n, mark in state.__marks__.items() if not isinstance(mark, Readers)}
    return {
        "columns": {name: _column(one) for name, one in state.__columns__.items()},
        "key": {event.__shape__.type: _heard(event, x) for event, x in state.__keys__.items()},
        "gone": {event.__shape__.type: _heard(event, x) for event, x in state.__gone__.items()},
        "marks": {name: [type(mark).__name__, _mark(mark)] for name, mark in marks.items()},
    }


def reading(events: Iterable[type[Event]], *, decided: bool) -> str:
    """The same of how events are read: where it changes, what was read before has another shape.

    So it has where a domain's events are decided, and were facts before: we number those, not they.
    """
    told = {event.__shape__.type: _read(event, _fields(event)) for event in events}
    text = json.dumps([decided, told], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=DIGEST_BYTES).hexdigest()


def _mark(mark: Any) -> dict[str, Any]:
    said = {name: value for name, value in vars(mark).items() if name != "name"}
    where = said.get("where")
    return said if where is None else {**said, "where": _expr(where)}


def _column(one: Column) -> Any:
    return _expr(one.expr) if one.expr is not None else _fold(one.fold)


def _fold(spec: Spec | None) -> dict[str, Any]:
    assert spec is not None
    if spec.row is not None:
        return {"fold": "keyed", "row": declared(spec.row)}
    if spec.op == "python":
        steps = {
            e.__shape__.type: [written(s), _read(e, _fields(e))] for e, s in spec.steps.items()
        }
        return {"fold": "python", "initial": spec.initial, "steps": steps}
    heard = {source.event.__shape__.type: _source(source) for source in spec.sources}
    return {"fold": spec.op, "default": spec.default, "n": spec.n, "heard": heard}


def _source(source: Source) -> dict[str, Any]:
    where = None if source.where is None else _heard(source.event, source.where)
    return {"value": _heard(source.event, source.value), "where": where}


def _heard(event: type[Event], expr: Expr) -> Any:
    """An expression over an event, beside what reading its fields means."""
    names = {leaf.name for leaf in leaves(expr) if isinstance(leaf, Name)}
    fields = {name: told for name, told in _fields(event).items() if name in names}
    return {"is": _expr(expr), **_read(event, fields)}


def _read(event: type[Event], fields: dict[str, Any]) -> dict[str, Any]:
    """What reading an event, of whatever age, means."""
    upcasts = [written(upcast) for upcast in event.__shape__.upcasts]
    return {"fields": fields, "was": event.__shape__.was, "upcasts": upcasts}


def _fields(event: type[Event]) -> dict[str, Any]:
    return {one.name: [_kind(one.kind), one.default, one.was] for one in event.__shape__.fields}


def _kind(kind: Kind) -> str:
    """Choices are left out: which words are allowed changes no row that was folded."""
    item = "" if kind.item is None else f" of {_kind(kind.item)}"
    return f"{kind.sort.value}{item}{'?' if kind.optional else ''}"


def _expr(expr: Expr) -> Any:
    if isinstance(expr, Name):
        return {"name": expr.name}
    if isinstance(expr, Const):
        return {"value": expr.value, "kind": _kind(expr.kind)}
    assert isinstance(expr, Op)
    args = [_expr(arg) for arg in expr.args]
    if expr.sign in EITHER_WAY:
        args.sort(key=lambda arg: json.dumps(arg, sort_keys=True))
    return {"sign": expr.sign, "args": args, "span": expr.span}
