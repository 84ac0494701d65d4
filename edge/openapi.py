"""The OpenAPI document: what every entrance has in common, and how its parts become one."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from edge.problems import PROBLEM_JSON
from edge.request import CORRELATION_CHARACTERS_MAX
from mainstem.envelope import ID_CHARACTERS_MAX

Json = dict[str, Any]
OPENAPI = "3.1.0"
TEXT: Json = {"type": "string"}
NAME: Json = {"type": "string", "minLength": 1, "maxLength": ID_CHARACTERS_MAX}
SIGNED_IN: list[Json] = [{"bearer": []}]
ANYONE: list[Json] = [{}, {"bearer": []}]

MEANINGS = {
    400: "Something in the request breaks a rule; `errors` names it.",
    401: "Nobody signed in, or the token is not good.",
    403: "Not for this caller.",
    404: "There is no such thing, or not for this tenant.",
    409: "Others were faster, hold it already, or it is not as far yet.",
    408: "The body did not come in time.",
    413: "More than is read.",
    415: "Not the type of body that is read here.",
    422: "Refused, in words for people; or an Idempotency-Key that came with another request.",
    429: "Too soon; Retry-After says when.",
    500: "Our mistake; the correlation id finds it.",
    503: "Not now; Retry-After says when to ask again.",
}
EXTRA_HEADERS = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}
HEADERS: Mapping[str, Json] = {
    "X-Correlation-Id": {
        "description": "The name of this request in every log: the caller's, or a fresh one.",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": CORRELATION_CHARACTERS_MAX},
    },
    "ETag": {"description": "The version, in quotes; of a row, with its build.", "schema": TEXT},
    "Location": {"description": "Where the new one will be seen.", "schema": TEXT},
    "Retry-After": {
        "description": "In seconds.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {"description": "Bearer.", "schema": TEXT},
}
FLAW: Json = {
    "type": "object",
    "required": ["at", "detail"],
    "properties": {
        "at": {
            **TEXT,
            "description": "A JSON pointer into the body (`/title`; empty: all of it), or the name "
            "of a parameter or header.",
        },
        "detail": {**TEXT, "description": "The rule. What was sent is never repeated."},
    },
}
PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "correlation"],
    "properties": {
        "type": {**TEXT, "format": "uri"},
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "correlation": TEXT,
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Flaw"}},
        "version": {"type": "integer", "description": "How far it is, where it is behind."},
    },
}


@dataclass(frozen=True)
class Pages:
    """A part of the document: paths, the schemas they refer to, and tags with their words."""

    paths: Mapping[str, Json] = field(default_factory=dict)
    schemas: Mapping[str, Json] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def document(title: str, version: str, description: str, parts: Iterable[Pages]) -> Json:
    """All parts as one document. What two of them say of one path is put together."""
    paths: dict[str, Json] = {}
    schemas: Json = {"Problem": PROBLEM, "Flaw": FLAW}
    tags: dict[str, str] = {}
    for part in parts:
        for path, methods in part.paths.items():
            paths[path] = {**paths.get(path, {}), **methods}
        schemas |= part.schemas
        tags |= part.tags
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": OPENAPI,
        "info": {"title": title, "version": version, "description": description},
        "tags": [{"name": name, "description": words} for name, words in tags.items()],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": {f"Problem{status}": _problem(status) for status in MEANINGS},
            "headers": {name.replace("-", ""): header for name, header in HEADERS.items()},
            "securitySchemes": {"bearer": bearer},
        },
    }


def refusals(*statuses: int) -> dict[str, Json]:
    """The answers that say no, and the one that should never come."""
    return {
        str(status): {"$ref": f"#/components/responses/Problem{status}"}
        for status in sorted({*statuses, 500})
    }


def answer(schema: Json, description: str, *headers: str, media: str = "application/json") -> Json:
    """An answer with a body."""
    return {**empty(description, *headers), "content": {media: {"schema": schema}}}


def empty(description: str, *headers: str) -> Json:
    """An answer without one."""
    return {"description": description, "headers": _headers(headers)}


def ref(schema: str) -> Json:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{schema}"}


def in_path(name: str, description: str) -> Json:
    """A part of the address. A slash inside it is written %2F."""
    return {
        "name": name, "in": "path", "required": True, "schema": NAME, "description": description,
    }  # fmt: skip


def in_query(name: str, schema: Json, description: str, required: bool = False) -> Json:
    """A parameter after the question mark."""
    return {
        "name": name, "in": "query", "required": required, "schema": schema,
        "description": description,
    }  # fmt: skip


def in_header(name: str, schema: Json, description: str) -> Json:
    """A header that may be sent."""
    return {"name": name, "in": "header", "schema": schema, "description": description}


def record(properties: Mapping[str, Json], required: Sequence[str] | None = None) -> Json:
    """An object with these properties and no others; all required unless told."""
    return {
        "type": "object",
        "required": list(properties if required is None else required),
        "properties": dict(properties),
        "additionalProperties": False,
    }


def maybe(schema: Json) -> Json:
    """It, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def words_of(named: object, otherwise: str = "") -> str:
    """The docstring of a class, if it has one of its own."""
    own = getattr(named, "__dict__", {}).get("__doc__")
    return inspect.cleandoc(own) if isinstance(own, str) else otherwise


def _headers(names: Sequence[str]) -> Json:
    return {
        name: {"$ref": f"#/components/headers/{name.replace('-', '')}"}
        for name in ("X-Correlation-Id", *names)
    }


def _problem(status: int) -> Json:
    return answer(
        ref("Problem"), MEANINGS[status], *EXTRA_HEADERS.get(status, ()), media=PROBLEM_JSON
    )
