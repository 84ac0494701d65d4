"""The page of a diff: what is different, as a file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from replay.diff import Diff, Example

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem }
th, td { border-bottom: 1px solid #8884 }
td.n { text-align: right; font-variant-numeric: tabular-nums }
del { background: #f002; text-decoration: none } ins { background: #0a03; text-decoration: none }
pre { overflow-x: auto; background: #8881; padding: .6rem; font-size: .85rem }
"""


def page(view: str, found: Diff, behind: Mapping[str, Sequence[str]]) -> str:
    """All of it, in English, readable in light and in the dark."""
    parts = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(view)}: what is different</title>", f"<style>{STYLE}</style>", "</head>",
        "<body>", f"<h1>{escape(view)}: what is different</h1>", _counts(found), _columns(found),
        *(_example(one, behind.get(str(one.aggregate), ())) for one in found.examples),
        "</body>", "</html>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part) + "\n"


def _counts(found: Diff) -> str:
    rows = (
        ("alike", found.same), ("different", found.different), ("only before", found.only_before),
        ("only after", found.only_after), ("on their way", found.on_their_way),
    )  # fmt: skip
    return _table(("rows", ""), rows)


def _columns(found: Diff) -> str:
    if not found.columns:
        return ""
    return "<h2>By column</h2>\n" + _table(("column", "rows"), found.columns.most_common())


def _table(heads: Sequence[str], rows: Sequence[tuple[str, int]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        f'<tr><td>{escape(name)}</td><td class="n">{count:,}</td></tr>' for name, count in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"


def _example(one: Example, events: Sequence[str]) -> str:
    key = f", {one.key}" if one.key else ""
    title = f"<h2>{escape(one.aggregate.id + key)}, version {one.version}</h2>"
    head = "<tr><th>column</th><th>before</th><th>after</th></tr>"
    lines = "\n".join(escape(line) for line in events)
    return f"{title}\n<table>{head}{''.join(_cells(one.columns))}</table>\n<pre>{lines}</pre>"


def _cells(columns: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (before, after) in columns.items():
        was, now = escape(repr(before)), escape(repr(after))
        yield f"<tr><td>{escape(name)}</td><td><del>{was}</del></td><td><ins>{now}</ins></td></tr>"
