"""Problems: every "no" of an entrance, as application/problem+json (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

PROBLEM_JSON = "application/problem+json"
NAMED_CHARACTERS_MAX = 80


class Flaw(NamedTuple):
    """One thing that is wrong: where, and which rule it breaks. Never what was sent."""

    at: str  # a JSON pointer into the body, or the name of a parameter or header
    detail: str


class Problem(Exception):
    """The answer is no, in words; `flaws` name what was wrong; `more` goes beside them."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        flaws: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail = status, title, detail
        self.flaws = tuple(flaws)
        self.headers = dict(headers or {})
        self.more = more

    def body(self, correlation: str) -> dict[str, Any]:
        """What is answered; the correlation id finds it in the log."""
        said: dict[str, Any] = {
            "type": f"urn:mainstem:{self.title.replace(' ', '-')}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "correlation": correlation,
        }
        if self.flaws:
            said["errors"] = [flaw._asdict() for flaw in self.flaws]
        return said | self.more


def flawed(status: int, title: str, at: str, rule: str) -> Problem:
    """A problem with one flaw: the rule is told of what breaks it, "limit is a whole number"."""
    return Problem(status, title, f"{at or 'the body'} {rule}", flaws=[Flaw(at, rule)])


def invalid(at: str, rule: str) -> Problem:
    """400: something in the request breaks a rule."""
    return flawed(400, "invalid", at, rule)


def unsigned(detail: str = "sign in first") -> Problem:
    """401: nobody signed in, or the token is not good."""
    return Problem(401, "not signed in", detail, headers={"WWW-Authenticate": "Bearer"})


def missing(detail: str) -> Problem:
    """404: there is no such thing, or not for this tenant."""
    return Problem(404, "missing", detail)


def unavailable(detail: str, retry_after_s: int = 1) -> Problem:
    """503: not now; asking again may help."""
    return Problem(503, "unavailable", detail, headers={"Retry-After": str(retry_after_s)})


def pointer(*parts: str | int) -> str:
    """The path of a value in a JSON document (RFC 6901)."""
    return "".join(f"/{_escaped(named(str(part)))}" for part in parts)


def named(name: str) -> str:
    """A name that somebody sent, fit to be answered: not long, and in whole characters."""
    return name[:NAMED_CHARACTERS_MAX].encode("utf-8", "replace").decode()


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
