"""What the API's page says of rows, lists, search and histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.limits import PAGE_ROWS, PAGE_ROWS_MAX
from edge.openapi import (
    ANYONE,
    SIGNED_IN,
    TEXT,
    Json,
    Pages,
    answer,
    empty,
    in_header,
    in_path,
    in_query,
    maybe,
    record,
    ref,
    refusals,
    words_of,
)
from mainstem import anyone
from mainstem._kind import Kind, Sort
from mainstem._mark import Index, Readers, marks
from mainstem._state import State
from mainstem._who import Who
from mainstem.discovery import Domain
from mainstem.sink import Sink
from queries.asked import RULES, listed_by
from queries.http import EVENTS, views_of
from queries.listing import WORDS_CHARACTERS_MAX
from queries.reader import OPERATOR
from queries.shown import kinds

VERSION: Json = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
MOMENT: Json = {"type": "string", "format": "date-time"}
SORTS: Mapping[Sort, Json] = {
    Sort.TEXT: TEXT,
    Sort.WHOLE: {"type": "integer"},
    Sort.REAL: {"type": "number"},
    Sort.TRUTH: {"type": "boolean"},
    Sort.MOMENT: MOMENT,
    Sort.PYTHON: {},
    Sort.NOTHING: {"type": "null"},
}
LIMIT = in_query(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": PAGE_ROWS_MAX, "default": PAGE_ROWS},
    "How many, at most.",
)
NEXT = in_query("next", TEXT, "The `next` of the page before.")
KNOWN = in_header("If-None-Match", TEXT, "An ETag: 304 where it is still the same row.")


def view_pages(domains: Mapping[str, Domain]) -> Pages:
    """The paths of each view, and a history for each domain that decides."""
    views = views_of(domains)
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for name, sink in views.sinks.items():
        schemas[_name(sink)] = _row_schema(sink)
        key = "/{key}" if sink.state.__keys__ else ""
        paths[f"/v1/{name}/{{id}}{key}"] = {"get": _row(name, sink)}
        if sink.indexes or sink.searches:
            paths[f"/v1/{name}"] = {"get": _list(name, sink)}
    for domain in views.histories.values():
        paths[f"/v1/{domain.name}/{{id}}/{EVENTS}"] = {"get": _history(domain)}
    return Pages(paths, schemas | {"Event": EVENT})


def _name(sink: Sink) -> str:
    return f"{sink.domain.name}.{sink.state.__name__}.row"


def _operation(name: str, sink: Sink, said: str) -> Json:
    rules = marks(sink.state, Readers)
    open_to_all = any(anyone in rule.who for rule in rules)
    who = " or ".join(_rule(rule) for rule in rules) or "signed in"
    return {
        "operationId": name,
        "tags": [sink.domain.name],
        "summary": sink.state.__name__,
        "description": "\n\n".join(filter(None, (words_of(sink.state), said, f"Readers: {who}."))),
        "security": ANYONE if open_to_all else SIGNED_IN,
    }


def _rule(rule: Readers) -> str:
    who = " or ".join(one.name if isinstance(one, Who) else f"its {one}" for one in rule.who)
    return f"{who}, of some rows" if rule.where is not None else who


def _row(name: str, sink: Sink) -> Json:
    key = [in_path("key", "Which of its rows.")] if sink.state.__keys__ else []
    version = in_query("version", VERSION, "At least this version, waited for briefly; or 409.")
    return {
        **_operation(f"{name}.row", sink, ""),
        "parameters": [in_path("id", f"Which of {sink.domain.name}."), *key, version, KNOWN],
        "responses": {
            "200": answer(ref(_name(sink)), "The row.", "ETag"),
            "304": empty("Still this row.", "ETag"),
            **refusals(400, 401, 403, 404, 409, 503),
        },
    }


def _list(name: str, sink: Sink) -> Json:
    page = record(
        {
            "rows": {"type": "array", "items": ref(_name(sink)), "maxItems": PAGE_ROWS_MAX},
            "next": {"type": ["string", "null"], "description": "Ask with it for the next page."},
            "eventual": {"const": True, "description": "A list may lag behind its rows."},
        }
    )
    said = "\n".join(f"- {_index(index)}" for index in sink.indexes)
    return {
        **_operation(f"{name}.list", sink, f"Lists:\n\n{said}" if said else ""),
        "parameters": [*_ways(sink), LIMIT, NEXT],
        "responses": {"200": answer(page, "A page."), **refusals(400, 401, 503)},
    }


def _index(index: Index) -> str:
    by = f" by {', '.join(index.by)}" if index.by else ""
    order = f", in the order of {index.order}" if index.order else ""
    return f"`{index.name}`:{by or ' all'}{order}{', newest first' if index.newest_first else ''}"


def _ways(sink: Sink) -> list[Json]:
    """The parameters that say which list."""
    found = []
    if sink.indexes:
        names = {"enum": [index.name for index in sink.indexes]}
        found.append(in_query("index", names, "Which list.", required=not sink.searches))
    of = {n: kind for index in sink.indexes for n, kind in listed_by(sink.state, index)}
    found += [in_query(name, _asked(kind), _which(kind)) for name, kind in of.items()]
    if sink.searches:
        words = {"type": "string", "minLength": 1, "maxLength": WORDS_CHARACTERS_MAX}
        found.append(in_query("search", words, "All of these words."))
    if len(sink.searches) > 1:
        marks = {"enum": [mark.name for mark in sink.searches]}
        found.append(in_query("mark", marks, "Which words are searched."))
    return found


def _asked(kind: Kind) -> Json:
    """A value as a parameter: a moment may be microseconds as well."""
    if kind.sort is Sort.MOMENT:
        return {"oneOf": [MOMENT, {"type": "integer"}]}
    return _scalar(kind)


def _which(kind: Kind) -> str:
    none = "; left out, the rows without one" if kind.optional else ""
    return f"What the list is of: it {RULES[kind.sort]}{none}."


def _scalar(kind: Kind) -> Json:
    words = kind.words()
    return SORTS[kind.sort] if words is None else {"type": "string", "enum": sorted(words)}


def _row_schema(sink: Sink) -> Json:
    key = {"key": TEXT} if sink.state.__keys__ else {}
    return record({"id": TEXT, **key, **_columns(sink.state)})


def _columns(state: type[State]) -> dict[str, Json]:
    version: Json = {"type": "integer", "description": "How many events it has heard of."}
    return {"version": version, **{name: _of(kind) for name, kind in kinds(state).items()}}


def _of(kind: Kind) -> Json:
    if kind.sort is Sort.ROWS:
        return {"type": "object", "additionalProperties": record(_columns(kind.row))}
    if kind.item is not None:
        schema: Json = {"type": "array", "items": _of(kind.item)}
    else:
        schema = _scalar(kind)
    return maybe(schema) if kind.optional else schema


def _history(domain: Domain) -> Json:
    after = in_query("after", {**VERSION, "minimum": 0, "default": 0}, "Events after this version.")
    page = record({"events": {"type": "array", "items": ref("Event")}, "next": maybe(VERSION)})
    return {
        "operationId": f"{domain.name}.{EVENTS}",
        "tags": [domain.name],
        "summary": "What has happened",
        "description": f"Every event, as it was stored. Who may: role {OPERATOR}.",
        "security": SIGNED_IN,
        "parameters": [in_path("id", f"Which of {domain.name}."), after, LIMIT],
        "responses": {
            "200": answer(page, "A page; `next` is the `after` of the one that follows."),
            **refusals(400, 401, 403, 404, 503),
        },
    }


def _may_be_text(description: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "description": description}


EVENT = record(
    {
        "id": TEXT,
        "version": VERSION,
        "type": TEXT,
        "schema": {"type": "integer", "minimum": 1},
        "at": MOMENT,
        "by": {**TEXT, "description": "Who asked; empty where nobody signed in."},
        "data": {"type": "object", "description": "As stored: moments are microseconds."},
        "command": _may_be_text("The command that decided it."),
        "cause": _may_be_text("What the command followed from."),
        "correlation": _may_be_text("The request."),
    }
)
