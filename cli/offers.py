"""What a domain offers: its commands, what each asks for, and who may."""

from __future__ import annotations

import inspect
from typing import Any

from cli.naming import snake
from mainstem._command import Command
from mainstem._who import system
from mainstem.discovery import Domain

BEGINS = "begins something new"


def offers(domain: Domain) -> tuple[str, Any]:
    """For people, and the same as data. What only the clock or a reaction asks is left out."""
    kinds = [one for one in domain.commands.values() if one.__by__ != (system,)]
    data = [_offer(kind) for kind in kinds]
    width = max((len(one["command"]) for one in data), default=0)
    lines = [f"  {one['command']:{width}}  {_line(one)}".rstrip() for one in data]
    head = domain.doc.partition("\n")[0] or domain.name
    return "\n".join((head, *lines)), {"domain": domain.name, "commands": data}


def _offer(kind: type[Command[Any]]) -> dict[str, Any]:
    said = inspect.cleandoc(vars(kind).get("__doc__") or "")
    return {
        "command": snake(kind.__name__),
        "fields": {name: info.is_required() for name, info in kind.model_fields.items()},
        "starts": kind.__starts__,
        "says": said.partition("\n")[0],
    }


def _line(offer: dict[str, Any]) -> str:
    """Fields as they are typed, those that may be left out in brackets."""
    fields = [f"{n}=…" if required else f"[{n}=…]" for n, required in offer["fields"].items()]
    notes = [note for note in (BEGINS if offer["starts"] else "", offer["says"]) if note]
    return "  ".join((" ".join(fields), *(f"({note})" for note in notes)))
