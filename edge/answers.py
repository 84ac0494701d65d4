"""Answers: what goes back, with the headers that every answer has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from edge.problems import PROBLEM_JSON, Problem

JSON = "application/json"
ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Answer:
    """A status, a body and headers. None is no body at all."""

    status: int
    body: str | None
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def told(value: Any, status: int = 200, **headers: str) -> Answer:
    """A value as JSON. A header's name is written with underscores."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, _encode(value).decode(), headers=named)


def refused(problem: Problem, correlation: str) -> Answer:
    """A problem as an answer."""
    body = _encode(problem.body(correlation)).decode()
    return Answer(problem.status, body, PROBLEM_JSON, problem.headers)


def tag(version: int, build: int | None = None) -> str:
    """The ETag of a version; of a row, with the build that it was read from.

    Folded otherwise, a row of the same version is another one.
    """
    return f'"{version}"' if build is None else f'"{version}-{build}"'


def unchanged(asked: str | None, etag: str) -> bool:
    """Whether If-None-Match names this one, so that 304 says it all."""
    if asked is None:
        return False
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return etag in known or "*" in known
