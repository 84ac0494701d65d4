"""Effects as data: what an intent keeps until it is done. Digits stay a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from mainstem._command import Command
from mainstem._digits import Digits
from mainstem._effect import Call, Effect, Link, Mail, Sms, Tell
from mainstem._kind import micros, stored
from mainstem._refusal import Unfit


def told(effect: Effect) -> bytes:
    """The effect as JSON: its kind, and all it says. Raises Unfit."""
    match effect:
        case Mail():
            links = {name: _link(link) for name, link in effect.links.items()}
            said = {"to": effect.to, "template": effect.template, "links": links}
            said |= {"data": _data(effect.data)}
        case Sms():
            said = {"to": effect.to, "text": effect.text, "data": _data(effect.data)}
        case Call():
            said = {"url": effect.url, "data": _data(effect.data)}
        case Tell():
            said = {"id": effect.id, "command": _command(effect.command)}
            said |= {"on_behalf_of": effect.on_behalf_of}
        case _:
            raise Unfit(f"{type(effect).__name__} is no effect that anything here can do")
    return msgspec.json.encode({"effect": type(effect).__name__, **said})


def _data(data: Mapping[str, object]) -> dict[str, Any]:
    return {name: _value(value) for name, value in data.items()}


def _value(value: object) -> Any:
    return {"digits": value.n, "of": value.of} if isinstance(value, Digits) else stored(value)


def _link(link: Link) -> dict[str, Any]:
    until = None if link.until is None else micros(link.until)
    return {"command": named(link.command), "until": until}


def _command(command: Command[Any]) -> dict[str, Any]:
    return {"name": named(type(command)), "fields": command.model_dump(mode="json")}


def named(command: type[Command[Any]]) -> str:
    """A command by its domain and name."""
    return f"{command.__module__.rpartition('.')[2]}.{command.__name__}"
