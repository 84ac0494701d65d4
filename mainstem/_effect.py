"""Effects: what is to be done, once, as data. Nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from string import Formatter
from typing import Any

from mainstem._command import Command
from mainstem._digits import Digits
from mainstem._kind import stored
from mainstem._refusal import Mistake, Unfit
from mainstem._term import name_of
from mainstem._who import SYSTEM


@dataclass(frozen=True)
class Effect:
    """Something to be done once: kept until it is done, never made by a replay."""


@dataclass(frozen=True)
class Link:
    """A signed link that lets its bearer ask this one command of this one aggregate."""

    command: type[Command[Any]]
    until: datetime | None = None

    def __post_init__(self) -> None:
        if getattr(self.command, "__state__", None) is None:
            raise Mistake(f"Link({name_of(self.command)}): names a command, as Link(Accept) does")


@dataclass(frozen=True)
class Mail(Effect):
    to: str
    template: str
    data: Mapping[str, object] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_nobody(self, self.to)
        _refuse_unkept(self, self.data)
        for name, link in self.links.items():
            if not isinstance(link, Link):
                raise Mistake(f"Mail: links[{name!r}] is {name_of(link)}; say Link(Accept)")


@dataclass(frozen=True)
class Sms(Effect):
    """`text` names what `data` fills in: "Your code is {code}."."""

    to: str
    text: str
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_nobody(self, self.to)
        _refuse_unkept(self, self.data)
        for name in _blanks(self.text):
            if name not in self.data:
                raise Mistake(f"Sms: the text has {{{name}}}, which data doesn't fill in")


@dataclass(frozen=True)
class Call(Effect):
    """A webhook: `data` is posted to `url` as JSON, signed, until it is accepted."""

    url: str
    data: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not str(self.url).startswith("https://"):
            raise Mistake(f"Call({self.url!r}): a webhook's address starts with https://")
        _refuse_unkept(self, self.data)


@dataclass(frozen=True)
class Tell(Effect):
    """Ask a command of another aggregate. Its id comes from this intent, so twice is once."""

    id: str
    command: Command[Any]
    on_behalf_of: str = SYSTEM

    def __post_init__(self) -> None:
        _refuse_nobody(self, self.id)
        if not isinstance(self.command, Command):
            raise Mistake(f"Tell: {name_of(self.command)} is no command, as Credit(cents=5) is")


@dataclass(frozen=True)
class Grant:
    """What a token will say. The edge signs it; no token is ever stored."""

    sub: str
    role: str

    def __post_init__(self) -> None:
        if not self.sub or self.sub == SYSTEM:
            raise Mistake(f"Grant(sub={self.sub!r}): a token is somebody's; {SYSTEM!r} is nobody")


def _blanks(text: str) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError as wrong:
        raise Mistake(f"Sms: {wrong}; a brace of its own is written twice") from None


def _refuse_nobody(effect: Effect, to: object) -> None:
    if not isinstance(to, str) or not to:
        raise Mistake(f"{type(effect).__name__}: to {to!r}, who is nobody; ask before it is made")


def _refuse_unkept(effect: Effect, data: Mapping[str, object]) -> None:
    """An intent is stored until it is done, so its data can be."""
    for name, value in data.items():
        if not isinstance(name, str):
            raise Mistake(f"{type(effect).__name__}: data[{name!r}]: a name is text")
        if isinstance(value, Digits):
            continue
        try:
            stored(value)
        except Unfit as no:
            raise Mistake(f"{type(effect).__name__}: data[{name!r}]: {no}") from None
