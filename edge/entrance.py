"""The entrance: one event in, one answer out, whatever happens between.

It runs behind API Gateway as it is; on one machine an adapter makes the same events. Routing is
powertools', which keeps the request it works on in the resolver: so each thread has its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

from edge.answers import ALWAYS, Answer, refused
from edge.caller import Caller
from edge.problems import Problem
from edge.refusals import problem_of
from edge.request import (
    Event,
    arrived,
    correlation_of,
    decoded,
    headers_of,
    method_of,
    path_of,
    plainly,
    segments_of,
)
from edge.routes import Handler, Names, Route, nobody
from edge.tokens import bearer, verify

SECOND_US = 1_000_000
NOBODY = Caller()
NO_HEADERS: dict[str, str] = {}  # they are ours to read; the resolver would copy them, twice


class Entrance:
    """Answers events by these routes. `now` is in microseconds; `key` has signed the tokens."""

    def __init__(self, routes: Sequence[Route], key: bytes, now: Callable[[], int]) -> None:
        self.routes, self.key, self.now = tuple(routes), key, now
        self._threads = threading.local()

    def answer(self, event: Event, context: Any = None) -> dict[str, Any]:
        """What API Gateway is to answer."""
        resolver, event = self._resolver(), plainly(event)
        resolver.context["event"] = event
        routed = {**event, "headers": NO_HEADERS}
        # Powertools keeps the event on the class, for all threads; the instance's own comes first.
        resolver.current_event = APIGatewayProxyEventV2(routed)
        return resolver.resolve(routed, context or LambdaContext())

    def admit(self, event: Event) -> int:
        """How many bytes its body may have. Raises a Problem where no body would help.

        So nothing is read from whoever asks where nobody answers, or may not ask there at all.
        """
        caller = NOBODY
        try:
            route, names = self._route(event)
            caller = self._caller(headers_of(event))
            return route.admits(names, caller)
        except Exception as error:  # noqa: BLE001  whatever it was, somebody waits for an answer
            raise problem_of(error, caller, self.now()) from None

    def refuse(self, event: Event, problem: Problem) -> dict[str, Any]:
        """The answer to a request that was not read to its end."""
        correlation = correlation_of(headers_of(event))
        response = _response(refused(problem, correlation), correlation)
        return {
            "statusCode": response.status_code,
            "headers": response.headers,
            "body": response.body,
            "isBase64Encoded": False,
        }

    def _route(self, event: Event) -> tuple[Route, Names]:
        method, path = method_of(event), path_of(event)
        for route in self.routes:
            names = route.names_in(tuple(path.split("/")[1:])) if route.method == method else None
            if names is not None and route.find(found := decoded(names)) is not None:
                return route, found
        raise nobody(method, segments_of(path), self.routes)

    def _resolver(self) -> APIGatewayHttpResolver:
        found: APIGatewayHttpResolver | None = getattr(self._threads, "resolver", None)
        if found is None:
            found = self._threads.resolver = self._built()
        return found

    def _built(self) -> APIGatewayHttpResolver:
        resolver = APIGatewayHttpResolver(debug=False)
        for route in self.routes:
            self._add(resolver, route)

        def not_found(_: NotFoundError) -> Response[str]:
            return self._respond(resolver.context["event"], lambda names: None, {})

        resolver.not_found(not_found)
        return resolver

    def _add(self, resolver: APIGatewayHttpResolver, route: Route) -> None:
        def serve(**names: str) -> Response[str]:
            return self._respond(resolver.context["event"], route.find, names)

        resolver.route(route.rule, method=route.method)(serve)

    def _respond(
        self, event: Event, find: Callable[[Names], Handler | None], names: Names
    ) -> Response[str]:
        headers, caller = headers_of(event), NOBODY
        correlation = correlation_of(headers)
        try:
            found = decoded(names)
            handler = find(found) or self._nobody(event)
            caller = self._caller(headers)
            answer = handler(arrived(event, found, caller, correlation))
        except Exception as error:  # noqa: BLE001  whatever it was, somebody waits for an answer
            answer = refused(problem_of(error, caller, self.now()), correlation)
        return _response(answer, correlation)

    def _caller(self, headers: Mapping[str, str]) -> Caller:
        token = bearer(headers.get("authorization"))
        return NOBODY if token is None else verify(token, self.key, self.now() // SECOND_US)

    def _nobody(self, event: Event) -> NoReturn:
        raise nobody(method_of(event), segments_of(path_of(event)), self.routes)


def _response(answer: Answer, correlation: str) -> Response[str]:
    headers = {**ALWAYS, "X-Correlation-Id": correlation, **answer.headers}
    media = None if answer.body is None else answer.media
    return Response(answer.status, media, answer.body, headers)
