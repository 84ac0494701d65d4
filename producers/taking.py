"""Taking facts: a line of JSON, checked against the domain's events, becomes a fact that travels.

Nearly every line is right, so it is read the quick way first. Whatever the quick way has a doubt
about is read again the strict way, which decides, and finds the words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from edge.fields import fitted
from edge.problems import Flaw, Problem, invalid
from mainstem._event import Event
from mainstem._kind import WHOLE_MAX, micros
from mainstem._refusal import Unfit
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.envelope import ID_CHARACTERS_MAX, Envelope, encode
from mainstem.protocol.ingest import Fact

TAB, NEWLINE, RETURN = b"\t\n\r"  # one byte is found far sooner as a number
M = TypeVar("M", bound=BaseModel)
_encode = msgspec.json.Encoder().encode


class Line(BaseModel):
    """One fact, as a producer sends it. Without `at`, it happened when it arrived."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    id: Annotated[str, StringConstraints(min_length=1, max_length=ID_CHARACTERS_MAX)]
    type: str
    at: AwareDatetime | Annotated[int, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)] | None = None
    data: dict[str, Any]


class Quick(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The same, read by a quick reader that doesn't see a key that stands twice."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=ID_CHARACTERS_MAX)]
    type: str
    data: msgspec.Raw
    at: Annotated[datetime, msgspec.Meta(tz=True)] | int | None = None


_read = msgspec.json.Decoder(Quick).decode


@dataclass(frozen=True)
class Taker:
    """Whose facts are taken: one domain's, for a tenant, from somebody."""

    domain: Domain
    tenant: str
    by: str

    def take(self, raw: bytes, now_us: int) -> Fact | Flaw:
        """What a line says, or the first thing that is wrong with it."""
        return self._quickly(raw, now_us) or self._strictly(raw, now_us)

    def fact(self, id: str, event: Event, at_us: int) -> Fact:
        """An event that has happened to somebody, as it travels. Raises Unfit."""
        shape = event.__shape__
        line = encode(
            Envelope(
                tenant=self.tenant, domain=self.domain.name, id=id, version=1, type=shape.type,
                schema=shape.schema, at=at_us, by=self.by, data=shape.store(event),
            )
        )  # fmt: skip
        return Fact(Aggregate(self.tenant, self.domain.name, id), line)

    def _quickly(self, raw: bytes, now_us: int) -> Fact | None:
        try:
            line = _read(raw)
            kind = self.domain.events[line.type]
            event = kind.__pydantic_validator__.validate_json(bytes(line.data))
            at = line.at
            keys = (3 if at is None else 4) + len(event.model_fields_set)
            if not _each_key_once(raw, keys):
                return None
            at_us = now_us if at is None else micros(at) if isinstance(at, datetime) else at
            return self.fact(line.id, event, at_us)
        except (
            msgspec.MsgspecError, ValidationError, KeyError, ValueError, Unfit, RecursionError,
        ):  # fmt: skip
            return None

    def _strictly(self, raw: bytes, now_us: int) -> Fact | Flaw:
        try:
            line = _fitted(Line, raw, "")
            if not line.id.isprintable():
                return Flaw("/id", "has characters that can't be printed")
            kind = self.domain.events.get(line.type)
            if kind is None:
                return Flaw("/type", f"is one of {', '.join(self.domain.events)}")
            event = _fitted(kind, _encode(line.data), "/data")
            at = micros(line.at) if isinstance(line.at, datetime) else line.at
            return self.fact(line.id, event, now_us if at is None else at)
        except Problem as no:
            return no.flaws[0]
        except Unfit as no:
            return Flaw("", str(no))


def _each_key_once(raw: bytes, keys: int) -> bool:
    """Whether there are as many ends of keys in the text as keys were read.

    A key that stands twice, and text that looks like the end of one, make it more. White space that
    would hide an end is not counted, so it is a doubt.
    """
    if TAB in raw or RETURN in raw or NEWLINE in raw or b"  " in raw:
        return False
    return raw.count(b'":') + raw.count(b'" :') == keys


def _fitted(kind: type[M], raw: bytes, under: str) -> M:
    try:
        return fitted(kind, raw)
    except Problem as no:
        at, detail = no.flaws[0]
        raise invalid(under + at, detail) from None
