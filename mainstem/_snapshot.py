"""Snapshots: what every event of a domain looks like when it is stored, as data to keep."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, Struct

from mainstem._kind import SCALARS
from mainstem._refusal import Unfit

if TYPE_CHECKING:
    from mainstem._shape import FieldShape, Shape
    from mainstem.discovery import Domain

KINDS = frozenset({*SCALARS, *(f"list of {sort}" for sort in SCALARS)})


class StoredField(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One field. Without a `default` every event carries it."""

    kind: str
    optional: bool = False
    choices: tuple[str, ...] = ()
    default: Any = UNSET
    was: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind of a stored value")


class StoredEvent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    schema: int
    was: tuple[str, ...] = ()
    fields: dict[str, StoredField] = {}


class Snapshot(Struct, frozen=True, forbid_unknown_fields=True):
    """The events of one domain, by name."""

    domain: str
    events: dict[str, StoredEvent]


def snapshot(domain: Domain) -> Snapshot:
    """The stored shapes that the code says."""
    events = {name: event_of(event.__shape__) for name, event in domain.events.items()}
    return Snapshot(domain.name, events)


def event_of(shape: Shape) -> StoredEvent:
    fields = {one.name: _field(one) for one in shape.fields}
    return StoredEvent(schema=shape.schema, was=shape.was, fields=fields)


def _field(one: FieldShape) -> StoredField:
    kind, item = one.kind, one.kind.item
    return StoredField(
        kind=kind.sort.value if item is None else f"list of {item.sort.value}",
        optional=kind.optional,
        choices=tuple(sorted((item or kind).words() or ())),
        default=UNSET if one.required else one.default,
        was=one.was,
    )


def read(text: str) -> Snapshot:
    """The snapshot in this text. Raises Unfit."""
    try:
        return msgspec.json.decode(text, type=Snapshot)
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise Unfit(str(wrong)) from None


def written(snapshot: Snapshot) -> str:
    """The same text for the same shapes, one line a field, so that a review sees what changed."""
    events = ",\n".join(_event(*one) for one in sorted(snapshot.events.items()))
    body = f"{{\n{events}\n  }}" if events else "{}"
    return f'{{\n  "domain": {json.dumps(snapshot.domain)},\n  "events": {body}\n}}\n'


def _event(name: str, event: StoredEvent) -> str:
    data: dict[str, Any] = msgspec.to_builtins(event)
    fields = data.pop("fields", {})
    lines = [f"      {json.dumps(key)}: {json.dumps(value)}" for key, value in data.items()]
    shown = ",\n".join(f"        {json.dumps(key)}: {_line(fields[key])}" for key in sorted(fields))
    lines += [f'      "fields": {{\n{shown}\n      }}'] if fields else []
    return f"    {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n    }"


def _line(field: dict[str, Any]) -> str:
    return json.dumps(field, ensure_ascii=False)
