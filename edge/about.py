"""What every entrance says of itself: hello, health, the OpenAPI document and a page to read it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

import msgspec
from aws_lambda_powertools.event_handler.openapi import swagger_ui

from edge.answers import Answer, told
from edge.openapi import TEXT, Json, Pages, answer, record, refusals
from edge.parameters import Parameters
from edge.request import Request
from edge.routes import Handler, Route, at

HTML = "text/html; charset=utf-8"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="page"></div>
<script>{bundle}</script>
<script>
const page = SwaggerUIBundle({{
  dom_id: "#page", spec: {document}, deepLinking: true, filter: true, tryItOutEnabled: true,
}});
page.specActions.updateUrl("openapi.json");
</script>
</body>
</html>
"""
Health = Callable[[], Sequence[str]]  # the names of what is in trouble
Document = Callable[[], Json]


def about_routes(version: str, health: Health, document: Document) -> list[Route]:
    """Open to anyone. The document is made when somebody first asks for it."""
    once = cache(document)
    return [
        at("GET", "/hello", _plain(lambda: told({"hello": "mainstem", "version": version}))),
        at("GET", "/health", _plain(lambda: _healthy(health()))),
        at("GET", "/openapi.json", _plain(cache(lambda: told(once())))),
        at("GET", "/docs", _plain(cache(lambda: _page(once())))),
    ]


def about_pages() -> Pages:
    """What the page says of itself."""
    hello = record({"hello": TEXT, "version": TEXT})
    healthy = record({"ok": {"type": "boolean"}, "trouble": {"type": "array", "items": TEXT}})
    return Pages(
        {
            "/hello": _get("hello", "Hello", answer(hello, "It runs.")),
            "/health": _get(
                "health", "How it is", answer(healthy, "Well."), answer(healthy, "Not well.")
            ),
            "/openapi.json": _get("openapi", "This", answer({"type": "object"}, "This document.")),
            "/docs": _get("docs", "A page", answer(TEXT, "A page to read.", media="text/html")),
        },
        tags={"about": "What this is, and how it is."},
    )


def _get(name: str, summary: str, well: Json, ill: Json | None = None) -> Json:
    operation = {
        "operationId": name,
        "tags": ["about"],
        "summary": summary,
        "security": [],
        "responses": {"200": well, **({"503": ill} if ill else {}), **refusals(400, 401)},
    }
    return {"get": operation}


def _plain(say: Callable[[], Answer]) -> Handler:
    """A handler that asks nothing of the request."""

    def handler(request: Request) -> Answer:
        Parameters(request.query).refuse_others()
        return say()

    return handler


def _healthy(trouble: Sequence[str]) -> Answer:
    """Names alone: anybody may ask, and the words of a trouble hold paths and more."""
    return told({"ok": not trouble, "trouble": list(trouble)}, 503 if trouble else 200)


def _page(document: Json) -> Answer:
    """Swagger UI with all its parts inside: nothing is fetched from elsewhere, nor may it be."""
    parts = Path(swagger_ui.__file__).parent
    # In a script, "</" could end it, whatever a docstring says.
    said = msgspec.json.encode(document).decode().replace("<", "\\u003c")
    html = PAGE.format(
        title=escape(document["info"]["title"]),
        style=(parts / "swagger-ui.min.css").read_text("utf-8"),
        bundle=(parts / "swagger-ui-bundle.min.js").read_text("utf-8"),
        document=said,
    )
    return Answer(200, html, HTML, {"Content-Security-Policy": _policy(html)})


def _policy(html: str) -> str:
    """Exactly the scripts of this page may run, by their hashes."""
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    hashes = " ".join(f"'sha256-{_hash(one)}'" for one in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _hash(script: str) -> str:
    return base64.b64encode(sha256(script.encode()).digest()).decode()
