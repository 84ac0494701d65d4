"""Declared: what a view's folds say. Kept with each generation, it tells what a change is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from mainstem._mark import Unique
from mainstem._state import State
from mainstem.fingerprint import declared
from replay.spelled import spelled

DECLARED = "declared"  # the note's name
UNKNOWN = "what it said before is not known"


class Change(NamedTuple):
    """One thing that a view says otherwise. `before` or `after` is "" where it said nothing."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        if not self.before:
            return f"+ {self.name}: {self.after}"
        if not self.after:
            return f"- {self.name}: {self.before}"
        if self.before == self.after:  # other code, or another kind of field
            return f"~ {self.name}: {self.after}, said otherwise before"
        return f"~ {self.name}: {self.after}, before {self.before}"


def told(view: type[State]) -> str:
    """All that it declares, as text that can be kept.

    It is JSON as it stands: what can't be stored is refused where it is declared, and a fingerprint
    is made of the very same.
    """
    return json.dumps(declared(view), sort_keys=True)


def changes(before: str, view: type[State]) -> list[Change]:
    """What is said otherwise, in the order of names; none where nothing is known of before."""
    if not before:
        return []
    return list(_changes(json.loads(before), json.loads(told(view))))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], of: str = "") -> Iterator[Change]:
    for part in ("key", "gone", "marks", "columns"):
        old, new = before.get(part, {}), after.get(part, {})
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield from _change(f"{of}{name}", old.get(name), new.get(name))


def _change(name: str, old: Any, new: Any) -> Iterator[Change]:
    """Of a keyed map, what its rows say otherwise."""
    if _is_map(old) and _is_map(new):
        yield from _changes(old["row"], new["row"], f"{name}.")
    else:
        yield Change(name, spelled(old), spelled(new))


def _is_map(said: Any) -> bool:
    return isinstance(said, dict) and "row" in said


def claims_alike(before: str, view: type[State]) -> bool:
    """Whether it claims what it did: its claims, and all that they are computed from, say the same.

    False where nothing is known of before.
    """
    return bool(before) and _claimed(json.loads(before)) == _claimed(json.loads(told(view)))


def _claimed(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """What its claims follow from: nothing that is not among it changes one."""
    claims = {name: one for name, one in said["marks"].items() if one[0] == Unique.__name__}
    wanted = [column for _, mark in claims.values() for column in mark["columns"]]
    columns: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name in said["columns"] and name not in columns:
            columns[name] = said["columns"][name]
            wanted += _named(columns[name])
    return {"marks": claims, "columns": columns, **{n: said[n] for n in ("key", "gone")}}


def _named(said: Any) -> Iterator[str]:
    """The columns that an expression over columns names. A fold hears events, and names none."""
    if isinstance(said, dict) and "fold" not in said:
        if isinstance(said.get("name"), str):
            yield said["name"]
        for one in said.get("args", ()):
            yield from _named(one)


def unheard(before: str) -> Mapping[str, Any]:
    """What columns showed before they had heard anything, where that was said."""
    said = json.loads(before)["columns"] if before else {}
    return {n: one["default"] for n, one in said.items() if one.get("default") is not None}


def columns(found: list[Change], view: type[State]) -> set[str]:
    """The columns among them, which may show something else."""
    names = {one.name.partition(".")[0] for one in found}
    return names & view.__columns__.keys()
