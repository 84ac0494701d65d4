"""Organisations: each has one page, which it writes and rewrites itself; workers read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator

from mainstem import Command, Event, Refused, View, index, last, readers, role, search
from mainstem.values import Length, Line, Prose

Name = Annotated[Line, Length(1, 120)]
Location = Annotated[Prose, AfterValidator(str.strip), Length(1, 150)]
Description = Annotated[Prose, Length(0, 1_200)]

# Events are stored for ever: add fields with defaults, never rename or remove.


class Created(Event):
    name: str
    location: str
    description: str


class Updated(Event):
    name: str
    location: str
    description: str


class Org(View):
    """One organisation, as it last described itself. Its id is the account that did."""

    name = last(Created.name, Updated.name, default="")
    location = last(Created.location, Updated.location, default="")
    description = last(Created.description, Updated.description, default="")

    seen_by = readers(View.id, role("worker"))
    names = index(order=name)
    words = search(name, location, description)

    def content(self) -> dict[str, str]:
        return {"name": self.name, "location": self.location, "description": self.description}


class Create(Command[Org], starts=True, by=role("org")):
    name: Name
    location: Location
    description: Description = ""

    def which(self) -> str:
        return self.by

    def decide(self, org: Org) -> Iterator[Event]:
        if org.exists and self.model_dump() != org.content():
            raise Refused("this organisation exists; update it")
        if not org.exists:  # asked twice, created once
            yield Created(**self.model_dump())


class Update(Command[Org], by=role("org")):
    """Replaces all of it: what isn't said is empty from now on."""

    name: Name
    location: Location
    description: Description = ""

    def which(self) -> str:
        return self.by

    def decide(self, org: Org) -> Iterator[Event]:
        if self.model_dump() != org.content():
            yield Updated(**self.model_dump())
