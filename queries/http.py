"""GET: rows, lists, search and history over HTTP, with routes made from the domain files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from edge.addresses import segment
from edge.answers import Answer, tag, told, unchanged
from edge.limits import PAGE_ROWS, PAGE_ROWS_MAX
from edge.parameters import Parameters
from edge.problems import Problem, unavailable
from edge.request import Request, identity
from edge.routes import Handler, Names, Route
from mainstem import Mistake
from mainstem._kind import WHOLE_MAX
from mainstem.aggregate import Aggregate
from mainstem.discovery import Domain
from mainstem.protocol.drive import drive
from mainstem.sink import Sink
from queries import shown
from queries.listing import RESERVED, Lists, listed
from queries.reader import Behind, Building, Reader

EVENTS = "events"
BUILDING_RETRY_S = 5


@dataclass(frozen=True)
class Views:
    """The views and histories of all domains, by the first segment of their addresses."""

    sinks: Mapping[str, Sink]
    histories: Mapping[str, Domain]


def views_of(domains: Mapping[str, Domain]) -> Views:
    """Those of these domains. Raises Mistake where two things would share an address."""
    sinks = {segment(v): Sink(d, v) for d in domains.values() for v in d.views.values()}
    histories = {domain.name: domain for domain in domains.values() if domain.decided}
    for name, sink in sinks.items():
        if name in histories and sink.state.__keys__:
            raise Mistake(f"{sink.name}: a domain is called {name}, and its events are in the way")
        for index in sink.indexes:
            if taken := sorted(RESERVED.intersection(index.by)):
                raise Mistake(f"{sink.name}.{index.name}: {taken[0]}= means something in a list")
    return Views(sinks, histories)


def view_routes(domains: Mapping[str, Domain], reader: Reader, key: bytes) -> list[Route]:
    """Everything that is read. `key` seals what tells where a page ended."""
    views = views_of(domains)
    rules = {
        "/v1/<view>": partial(_list_at, views, Lists(reader, key)),
        "/v1/<view>/<id>": partial(_row_at, views, reader),
        "/v1/<view>/<id>/<key>": partial(_below, views, reader),
    }
    return [Route("GET", rule, find) for rule, find in rules.items()]


def _list_at(views: Views, lists: Lists, names: Names) -> Handler | None:
    sink = views.sinks.get(names["view"])
    if sink is None or not (sink.indexes or sink.searches):
        return None
    return partial(_patient, partial(listed, lists, sink))


def _row_at(views: Views, reader: Reader, names: Names) -> Handler | None:
    sink = views.sinks.get(names["view"])
    if sink is None or sink.state.__keys__:
        return None
    return partial(_patient, partial(_row, reader, sink))


def _below(views: Views, reader: Reader, names: Names) -> Handler | None:
    """A row with a key, or the history of an aggregate."""
    domain = views.histories.get(names["view"])
    if domain is not None and names["key"] == EVENTS:
        return partial(_history, reader, domain)
    sink = views.sinks.get(names["view"])
    if sink is None or not sink.state.__keys__:
        return None
    return partial(_patient, partial(_row, reader, sink))


def _patient(handler: Handler, request: Request) -> Answer:
    """What a view answers while it is being built, or is behind."""
    try:
        return handler(request)
    except Building:
        detail = "this view is being built; ask again later"
        raise unavailable(detail, BUILDING_RETRY_S) from None
    except Behind as behind:
        raise Problem(
            409,
            "behind",
            f"it is at version {behind.version}; ask again",
            headers={"Retry-After": "1"},
            version=behind.version,
        ) from None


def _row(reader: Reader, sink: Sink, request: Request) -> Answer:
    parameters = Parameters(request.query)
    version = parameters.whole("version", 1, WHOLE_MAX, 0)
    parameters.refuse_others("version")
    id = identity(request.names, "id")
    key = identity(request.names, "key") if sink.state.__keys__ else ""
    seen = drive(reader.row(sink, request.caller, id, key, version))
    etag = tag(seen.version, seen.build)
    if unchanged(request.headers.get("if-none-match"), etag):
        return Answer(304, None, headers={"ETag": etag})
    return told(shown.shown(seen), ETag=etag)


def _history(reader: Reader, domain: Domain, request: Request) -> Answer:
    parameters = Parameters(request.query)
    after = parameters.whole("after", 0, WHOLE_MAX, 0)
    limit = parameters.whole("limit", 1, PAGE_ROWS_MAX, PAGE_ROWS)
    parameters.refuse_others("after, limit")
    aggregate = Aggregate(request.caller.tenant, domain.name, identity(request.names, "id"))
    history = drive(reader.history(aggregate, request.caller, after, limit))
    return told({"events": [shown.told(one) for one in history.events], "next": history.next})
