"""POST: facts over HTTP, a line each, an answer each, in order (NDJSON).

The answer says of each what is promised: published, on the feed, or stored, safe in a log from
which it gets there. Whoever asked for the first is told the second where the feed takes long.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec
from pydantic import BaseModel

from edge.answers import Answer
from edge.caller import Caller
from edge.limits import FACTS_BYTES_MAX, FACTS_LINES_MAX
from edge.parameters import Parameters
from edge.problems import Flaw, flawed, invalid, unsigned
from edge.request import Request, refuse_large, refuse_media
from edge.routes import Handler, Names, Route
from mainstem import Forbidden
from mainstem.discovery import Domain
from mainstem.ports import Unknown
from mainstem.protocol.ingest import Fact
from producers.ingest import Ack
from producers.taking import Taker

NDJSON = "application/x-ndjson"
PRODUCER = "producer"
LOG = logging.getLogger("mainstem.facts")
Now = Callable[[], int]
M = TypeVar("M", bound=BaseModel)
_encode = msgspec.json.Encoder().encode


class Sends(Protocol):
    """Whoever takes facts to the feed."""

    @property
    def stores(self) -> bool:
        """Whether it has a log of its own, so that what is stored is not lost."""
        ...

    def send(self, facts: Sequence[Fact], ack: Ack) -> Sequence[Ack | None]:
        """What is promised of each; None: nobody knows whether it is on the feed."""
        ...


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
    ack = _wished(Parameters(request.query), ingest)
    refuse_media(request.headers, NDJSON)
    refuse_large(request.body, FACTS_BYTES_MAX)
    taker, at = Taker(domain, request.caller.tenant, request.caller.by), now()
    read = [taker.take(line, at) for line in _lines(request.body)]
    facts = [one for one in read if isinstance(one, Fact)]
    sent = iter(_sent(ingest, facts, ack))
    said = (_told(next(sent)) if isinstance(one, Fact) else _refused(one) for one in read)
    return Answer(200, "".join(said), NDJSON)


def _sent(ingest: Sends, facts: Sequence[Fact], ack: Ack) -> Sequence[Ack | None]:
    try:
        return ingest.send(facts, ack) if facts else ()
    except Unknown as trouble:
        LOG.warning("facts of which nobody knows: %s", trouble)
        return [None] * len(facts)


def _wished(parameters: Parameters, ingest: Sends) -> Ack:
    text = parameters.take("ack")
    parameters.refuse_others("ack")
    if text is None:
        return Ack.PUBLISHED
    there = [one for one in Ack if ingest.stores or one is not Ack.STORED]
    if text not in there:
        raise invalid("ack", f"is {' or '.join(there)}")
    return Ack(text)


def _lines(body: bytes) -> Sequence[bytes]:
    lines = body.removesuffix(b"\n").split(b"\n")
    if not body:
        raise invalid("", "holds one fact or more, a line each")
    if len(lines) > FACTS_LINES_MAX:
        raise flawed(413, "too large", "", f"has more than {FACTS_LINES_MAX} lines")
    return lines


def _told(sent: Ack | None) -> str:
    return AGAIN if sent is None else OK[sent]


def _refused(flaw: Flaw) -> str:
    return _line({"ok": False, **flaw._asdict()})


def _line(said: Mapping[str, Any]) -> str:
    return _encode(said).decode() + "\n"


UNSURE = "was not acknowledged, so it may be there or not; sent again, it may be there twice"
OK = {ack: _line({"ok": True, "ack": ack}) for ack in Ack}
AGAIN = _line({"ok": False, "again": True, "at": "", "detail": UNSURE})
