"""Cures: the lines of Python that keep stored events readable, ready to paste into a domain."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from mainstem._kind import MOMENT
from mainstem._snapshot import StoredEvent, StoredField

PYTHON = {"text": "str", "whole": "int", "real": "float", "truth": "bool", "moment": "datetime"}
EMPTY: dict[str, Any] = {"text": "", "whole": 0, "real": 0.0, "truth": False, "moment": 0}
CONVERSIONS = {
    ("text", "whole"): "int({})",
    ("text", "real"): "float({})",
    ("whole", "text"): "str({})",
    ("whole", "real"): "float({})",
    ("whole", "truth"): "{} != 0",
    ("real", "whole"): "int({})",
    ("real", "text"): "str({})",
    ("truth", "whole"): "int({})",
    ("truth", "text"): '"yes" if {} else "no"',
}


def declared(name: str, field: StoredField) -> str:
    """The field as it is declared: `priority: str = was("urgency", default="low")`."""
    default = "" if field.default is UNSET else _constant(field, field.default)
    if field.was:
        names = ", ".join(map(_quoted, field.was))
        value = f" = was({names}, default={default})" if default else f" = was({names})"
    else:
        value = f" = {default}" if default else ""
    return f"{name}: {_annotation(field)}{value}"


def event_class(name: str, event: StoredEvent, *, was: tuple[str, ...], silent: bool) -> str:
    """The whole class, as it would have to stand in the domain file."""
    former = ", ".join(map(_quoted, was))
    options = f", was={former if len(was) == 1 else f'({former})'}" if was else ""
    options += ", silent=True" if silent else ""
    fields = [f"    {declared(*one)}" for one in event.fields.items()] or ["    pass"]
    return "\n".join([f"class {name}(Event{options}):", *fields])


def upcast(event: str, of: int, data: str) -> str:
    """The function that raises stored data to the next schema."""
    return (
        f"@upcast({event}, of={of})\n"
        f"def {event.lower()}_{of + 1}(data: dict[str, Any]) -> dict[str, Any]:\n"
        f"    return {data}"
    )


def converted(name: str, old: StoredField, new: StoredField) -> str:
    """The data with one field in its new kind; `...` where nobody can know how."""
    value = value_in(name, old)
    if new.kind == f"list of {old.kind}":
        conversion = f"[{value}]"
    else:
        conversion = CONVERSIONS.get((old.kind, new.kind), "...").format(value)
    if old.optional and conversion != "...":
        conversion = f"None if {value} is None else {conversion}"
    return f"{{**data, {_quoted(name)}: {conversion}}}"


def chosen(name: str, old: StoredField, gone: tuple[str, ...], new: StoredField) -> str:
    """The data with the choices that are gone turned into one that is left."""
    value = value_in(name, old)
    pairs = ", ".join(f"{_quoted(word)}: {_quoted(new.choices[0])}" for word in gone)
    if old.kind.startswith("list"):
        items = f"[{{{pairs}}}.get(one, one) for one in {value}]"
        return f"{{**data, {_quoted(name)}: {items}}}"
    return f"{{**data, {_quoted(name)}: {{{pairs}}}.get({value}, {value})}}"


def confined(name: str, old: StoredField, new: StoredField) -> str:
    """The data with text that is no choice turned into one."""
    value, words = value_in(name, old), ", ".join(map(_quoted, new.choices))
    trailing = "," if len(new.choices) == 1 else ""
    chosen = f"{value} if {value} in ({words}{trailing}) else {_quoted(new.choices[0])}"
    return f"{{**data, {_quoted(name)}: {chosen}}}"


def filled(name: str, old: StoredField, value: Any) -> str:
    """The data with a value where there was none: older events, and those that say null."""
    if not old.was:
        return f"{{{_quoted(name)}: {literal(value)}, **data}}"
    formers = ", ".join(map(_quoted, old.was))
    return f"data if {{{formers}}} & data.keys() else {{{_quoted(name)}: {literal(value)}, **data}}"


def never_null(name: str, old: StoredField, new: StoredField) -> str:
    value = value_in(name, old)
    return f"{{**data, {_quoted(name)}: {literal(empty(new))} if {value} is None else {value}}}"


def renamed(name: str, field: StoredField, former: str) -> str:
    """The declaration that reads a former name too."""
    return declared(name, msgspec.structs.replace(field, was=(*field.was, former)))


def defaulted(field: StoredField, value: Any) -> StoredField:
    return msgspec.structs.replace(field, default=value)


def moved(former: str, name: str) -> str:
    """The data with a value under its name of today."""
    others = f"name: value for name, value in data.items() if name != {_quoted(former)}"
    kept = f"{{**{{{others}}}, {_quoted(name)}: data[{_quoted(former)}]}}"
    return f"{kept} if {_quoted(former)} in data else data"


def without(name: str) -> str:
    return f"{{name: value for name, value in data.items() if name != {_quoted(name)}}}"


def value_in(name: str, old: StoredField) -> str:
    """What stored data holds under this name or a former one, or its default."""
    if old.default is UNSET and not old.optional and not old.was:
        return f"data[{_quoted(name)}]"
    found = "" if old.default is UNSET or old.default is None else f", {literal(old.default)}"
    for former in (*reversed(old.was), name):
        found = f", data.get({_quoted(former)}{found})"
    return found.removeprefix(", ")


def empty(field: StoredField) -> Any:
    """A value that says as little as one of this kind can."""
    if field.default is not UNSET and field.default is not None:
        return field.default
    if field.kind.startswith("list"):
        return []
    return field.choices[0] if field.choices else EMPTY[field.kind]


def literal(value: Any) -> str:
    """A stored value in Python's spelling."""
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """As ruff would: in double quotes unless that needs more escapes."""
    plain = repr(text)
    return plain if '"' in text or "\\" in plain else f'"{plain[1:-1]}"'


def _annotation(field: StoredField) -> str:
    item = field.kind.removeprefix("list of ")
    choices = ", ".join(map(_quoted, field.choices))
    name = f"Literal[{choices}]" if choices else PYTHON[item]
    name = name if item == field.kind else f"tuple[{name}, ...]"
    return f"{name} | None" if field.optional else name


def _constant(field: StoredField, value: Any) -> str:
    """A default as the declaration says it."""
    if value is None:
        return "None"
    if field.kind == "moment":
        return f'datetime.fromisoformat("{MOMENT.open(value).isoformat()}")'
    if isinstance(value, list):
        item = StoredField(kind=field.kind.removeprefix("list of "))
        items = ", ".join(_constant(item, one) for one in value)
        return f"({items},)" if len(value) == 1 else f"({items})"
    return literal(value)
