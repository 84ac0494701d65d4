"""Routes: an address, what answers it, and how an address that nobody answers is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from edge.answers import Answer
from edge.caller import Caller
from edge.limits import BODY_BYTES_MAX
from edge.problems import Problem, missing
from edge.request import Request

Handler = Callable[[Request], Answer]
Names = Mapping[str, str]


@dataclass(frozen=True)
class Route:
    """Every address of one shape. `find` says who answers; None: there is no such thing.

    `admits` says how many bytes this caller may send there, before any is read, or refuses them.

    A rule is written as the resolver reads it, "/v1/<view>/<id>". There are few rules, however many
    domains there are, because the resolver tries one after the other.
    """

    method: str
    rule: str
    find: Callable[[Names], Handler | None]
    admits: Callable[[Names, Caller], int] = lambda names, caller: BODY_BYTES_MAX

    def names_in(self, segments: tuple[str, ...]) -> Names | None:
        """What its <names> stand for in an address; None where that has another shape."""
        return matched(tuple(self.rule.split("/")[1:]), segments)

    def leads(self, segments: tuple[str, ...]) -> bool:
        """Whether somebody answers at this address, by this method."""
        names = self.names_in(segments)
        return names is not None and self.find(names) is not None


def at(method: str, rule: str, handler: Handler) -> Route:
    """One address."""
    return Route(method, rule, lambda names: handler)


def matched(rule: tuple[str, ...], segments: tuple[str, ...]) -> Names | None:
    """What the <names> of a rule stand for in an address; None where it has another shape."""
    if len(rule) != len(segments):
        return None
    names: dict[str, str] = {}
    for part, segment in zip(rule, segments, strict=True):
        if part.startswith("<"):
            names[part.strip("<>")] = segment
        elif part != segment:
            return None
    return names if all(names.values()) else None


def nobody(method: str, segments: tuple[str, ...], routes: Iterable[Route]) -> Problem:
    """404, or 405 where another method would have been answered."""
    allowed = sorted({route.method for route in routes if route.leads(segments)} - {method})
    if not allowed:
        return missing("there is nothing at this address")
    headers = {"Allow": ", ".join(allowed)}
    return Problem(405, "not allowed", f"this address takes {allowed[0]}", headers=headers)
