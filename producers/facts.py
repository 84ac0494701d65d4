"""POST: facts over HTTP, a line each, an answer each, in order (NDJSON)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from edge.answers import Answer
from edge.caller import Caller
from edge.fields import fitted
from edge.limits import FACTS_BYTES_MAX, FACTS_LINES_MAX
from edge.parameters import Parameters
from edge.problems import Flaw, Problem, flawed, invalid, unsigned
from edge.request import Request, refuse_large, refuse_media
from edge.routes import Handler, Names, Route
from mainstem import Forbidden
from mainstem._event import Event
from mainstem._kind import WHOLE_MAX, micros
from mainstem._refusal import Unfit
from mainstem.discovery import Domain
from mainstem.envelope import ID_CHARACTERS_MAX
from producers.ingest import Fact

NDJSON = "application/x-ndjson"
PRODUCER = "producer"
Now = Callable[[], int]
M = TypeVar("M", bound=BaseModel)
_encode = msgspec.json.Encoder().encode


class Sends(Protocol):
    """Whoever takes facts to the feed."""

    def send(self, facts: Sequence[Fact]) -> Sequence[bool]:
        """Which of them are on the feed."""
        ...


class Line(BaseModel):
    """One fact, as a producer sends it. Without `at`, it happened when it arrived."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    id: Annotated[str, StringConstraints(min_length=1, max_length=ID_CHARACTERS_MAX)]
    type: str
    at: AwareDatetime | Annotated[int, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)] | None = None
    data: dict[str, Any]


def fact_routes(domains: Mapping[str, Domain], ingest: Sends, now: Now) -> list[Route]:
    """One address an ingested domain."""
    ingested = {domain.name: domain for domain in domains.values() if not domain.decided}

    def find(names: Names) -> Handler | None:
        domain = ingested.get(names["domain"])
        return None if domain is None else partial(_take, domain, ingest, now)

    return [Route("POST", "/v1/<domain>", find, lambda _, caller: _admits(caller))]


def _admits(caller: Caller) -> int:
    """Many bytes, of those alone who send facts."""
    if not caller.by:
        raise unsigned()
    if PRODUCER not in caller.roles:
        raise Forbidden(f"facts are for the role {PRODUCER}")
    return FACTS_BYTES_MAX


def _take(domain: Domain, ingest: Sends, now: Now, request: Request) -> Answer:
    _admits(request.caller)
    Parameters(request.query).refuse_others()
    refuse_media(request.headers, NDJSON)
    refuse_large(request.body, FACTS_BYTES_MAX)
    read = [_read(domain, request, now(), line) for line in _lines(request.body)]
    facts = [one for one in read if isinstance(one, Fact)]
    sent = iter(ingest.send(facts) if facts else ())
    said = (_told(next(sent)) if isinstance(one, Fact) else _refused(one) for one in read)
    return Answer(200, "".join(said), NDJSON)


def _lines(body: bytes) -> Sequence[bytes]:
    lines = body.removesuffix(b"\n").split(b"\n")
    if not body:
        raise invalid("", "holds one fact or more, a line each")
    if len(lines) > FACTS_LINES_MAX:
        raise flawed(413, "too large", "", f"has more than {FACTS_LINES_MAX} lines")
    return lines


def _read(domain: Domain, request: Request, now_us: int, raw: bytes) -> Fact | Flaw:
    """What a line says, or the first thing that is wrong with it."""
    try:
        line = _fitted(Line, raw, "")
        if not line.id.isprintable():
            return Flaw("/id", "has characters that can't be printed")
        event = domain.events.get(line.type)
        if event is None:
            return Flaw("/type", f"is one of {', '.join(domain.events)}")
        data = _fitted(event, _encode(line.data), "/data")
        fact = _fact(domain, request, line, data, now_us)
        fact.encoded()  # whatever could not travel is found while its line is known
    except Problem as no:
        return no.flaws[0]
    except Unfit as no:
        return Flaw("", str(no))
    return fact


def _fitted(kind: type[M], raw: bytes, under: str) -> M:
    try:
        return fitted(kind, raw)
    except Problem as no:
        at, detail = no.flaws[0]
        raise invalid(under + at, detail) from None


def _fact(domain: Domain, request: Request, line: Line, data: Event, now_us: int) -> Fact:
    at = micros(line.at) if isinstance(line.at, datetime) else line.at
    return Fact(
        tenant=request.caller.tenant, domain=domain.name, id=line.id, type=data.__shape__.type,
        schema=data.__shape__.schema, at_us=now_us if at is None else at, by=request.caller.by,
        data=data.__shape__.store(data),
    )  # fmt: skip


def _told(sent: bool) -> str:
    return OK if sent else AGAIN


def _refused(flaw: Flaw) -> str:
    return _line({"ok": False, **flaw._asdict()})


def _line(said: Mapping[str, Any]) -> str:
    return _encode(said).decode() + "\n"


UNSURE = "was not acknowledged, so it may be on the feed or not; sent again, it may be there twice"
OK = _line({"ok": True})
AGAIN = _line({"ok": False, "again": True, "at": "", "detail": UNSURE})
