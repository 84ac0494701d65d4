"""What the API's page says of commands and facts."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from edge.openapi import (
    ANYONE,
    SIGNED_IN,
    TEXT,
    Json,
    Pages,
    answer,
    in_header,
    in_path,
    in_query,
    record,
    ref,
    refusals,
    words_of,
)
from mainstem import Grant, anyone
from mainstem._who import Who
from mainstem.discovery import Domain
from producers.facts import NDJSON, PRODUCER
from producers.http import KEY_CHARACTERS_MAX, Asked, commands_of
from producers.ingest import Ack

COMMAND_SAYS_NO = (400, 401, 403, 404, 408, 409, 413, 415, 422, 429, 503)
FACTS_SAY_NO = (400, 401, 403, 408, 413, 415, 503)
ANSWERS: Mapping[Any, Json] = {
    str: TEXT,
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    Grant: record({"token": TEXT}),
    type(None): {"type": "null"},
}
ACK = {"type": "string", "enum": [*Ack]}
WISHED = in_query(
    "ack", ACK, "What to wait for: published, unless told. Stored alone, where there is a log."
)
ONCE = in_header(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS_MAX, "pattern": "^[ -~]+$"},
    "Sent again with the same key, the request gets the answer that it got.",
)


def command_pages(domains: Mapping[str, Domain]) -> Pages:
    """A path or two for each command."""
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for (domain, command), asked in commands_of(domains).items():
        schemas |= schemas_of(asked.kind, domain)
        if asked.begins:
            paths[f"/v1/{domain}/{command}"] = {"post": _operation(asked, f"{domain}.{command}")}
        below = _operation(asked, f"{domain}.{command}_of")
        below["parameters"].insert(0, in_path("id", f"Which of {domain}."))
        paths[f"/v1/{domain}/{{id}}/{command}"] = {"post": below}
    tags = {domain.name: domain.doc for domain in domains.values()}
    return Pages(paths, schemas, tags)


def schemas_of(kind: type[BaseModel], domain: str) -> dict[str, Json]:
    """The JSON Schema of a model and of all it is made of, under the name of its domain."""
    schema = kind.model_json_schema(ref_template=f"#/components/schemas/{domain}.{{model}}")
    inner = schema.pop("$defs", {})
    return {f"{domain}.{name}": one for name, one in {kind.__name__: schema, **inner}.items()}


def _operation(asked: Asked, name: str) -> Json:
    domain, kind = asked
    required = any(one.is_required() for one in kind.model_fields.values())
    return {
        "operationId": name,
        "tags": [domain.name],
        "summary": kind.__name__,
        "description": "\n\n".join(filter(None, (words_of(kind), f"Who may: {_who(asked)}."))),
        "security": ANYONE if anyone in kind.__by__ else SIGNED_IN,
        "parameters": [ONCE],
        "requestBody": {
            "required": required,
            "content": {"application/json": {"schema": ref(f"{domain.name}.{kind.__name__}")}},
        },
        "responses": {**_decided(asked), **refusals(*COMMAND_SAYS_NO)},
    }


def _who(asked: Asked) -> str:
    rules = asked.kind.__by__
    return " or ".join(rule.name if isinstance(rule, Who) else f"its {rule}" for rule in rules)


def _decided(asked: Asked) -> dict[str, Json]:
    said = record(
        {
            "id": TEXT,
            "version": {"type": "integer", "minimum": 0},
            "answer": _answer(asked),
            "happened": {"type": "boolean", "description": "False: there was nothing to do."},
        }
    )
    found = {"200": answer(said, "Decided.", "ETag")}
    if asked.kind.__starts__:
        found["201"] = answer(said, "Decided; it is new.", "ETag", "Location")
    return found


def _answer(asked: Asked) -> Json:
    """What `decide` returns, as its annotation says."""
    try:
        hint = typing.get_type_hints(asked.kind.decide).get("return")
    except (NameError, TypeError):
        return {}
    args = typing.get_args(hint)
    told = args[2] if len(args) == 3 else type(None)
    if typing.get_origin(told) in (typing.Union, types.UnionType):
        return {"anyOf": [ANSWERS.get(one, {}) for one in typing.get_args(told)]}
    return ANSWERS.get(told, {})


def fact_pages(domains: Mapping[str, Domain]) -> Pages:
    """A path for each ingested domain."""
    ingested = [domain for domain in domains.values() if not domain.decided]
    schemas: dict[str, Json] = {}
    for domain in ingested:
        schemas |= dict(_fact_schemas(domain))
    paths = {f"/v1/{domain.name}": {"post": _facts(domain)} for domain in ingested}
    return Pages(paths, schemas, {domain.name: domain.doc for domain in ingested})


def _fact_schemas(domain: Domain) -> Iterator[tuple[str, Json]]:
    of_each = []
    for name, event in domain.events.items():
        yield from schemas_of(event, domain.name).items()
        of_each.append(_fact(name, ref(f"{domain.name}.{name}")))
    yield f"{domain.name}.Fact", {"oneOf": of_each}


def _fact(type: str, data: Json) -> Json:
    moment = {"type": "string", "format": "date-time"}
    at = {
        "oneOf": [moment, {"type": "integer"}, {"type": "null"}],
        "description": "RFC 3339, or microseconds since 1970; when it arrived, unless told.",
    }
    line = {"id": TEXT, "type": {"const": type}, "at": at, "data": data}
    return record(line, ["id", "type", "data"])


def _facts(domain: Domain) -> Json:
    outcome = record(
        {
            "ok": {"type": "boolean"},
            "ack": ACK,
            "again": {"type": "boolean"},
            "at": TEXT,
            "detail": TEXT,
        },
        ["ok"],
    )
    lines = {"type": "string", "contentMediaType": NDJSON}
    return {
        "operationId": f"{domain.name}.facts",
        "tags": [domain.name],
        "summary": "Facts, a line each",
        "description": f"In order, an answer a line. Who may: role {PRODUCER}.",
        "security": SIGNED_IN,
        "parameters": [WISHED],
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {**lines, "contentSchema": ref(f"{domain.name}.Fact")}}},
        },
        "responses": {
            "200": answer({**lines, "contentSchema": outcome}, "What came of each.", media=NDJSON),
            **refusals(*FACTS_SAY_NO),
        },
    }
