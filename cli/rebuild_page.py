"""The page of a diff: what is different, as a file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from cli.tables import many
from replay.diff import Diff, Example

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: 1rem }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } h2 small { font-weight: normal; opacity: .7 }
dl { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 }
dl div { flex: 1; min-width: 7rem; padding: .6rem .9rem; border-radius: .5rem; background: #8881 }
dt { font-size: .85rem; opacity: .7 } dd { margin: 0; font-size: 1.5rem }
dd, td.n { font-variant-numeric: tabular-nums }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem }
th, td { border-bottom: 1px solid #8884 }
th { font-size: .85rem; opacity: .7; font-weight: normal } td.n, th.n { text-align: right }
del, ins { padding: .1rem .4rem; border-radius: .25rem; text-decoration: none }
del { background: #f002 } ins { background: #0a03 }
pre { overflow-x: auto; background: #8881; padding: .6rem .9rem; border-radius: .5rem }
pre { font-size: .8rem; margin: .75rem 0 0 } p { margin-top: 2rem; opacity: .7 }
"""


TITLE = "what is different</title>"


def page(view: str, found: Diff, behind: Mapping[str, Sequence[str]]) -> str:
    """All of it, in English, readable in light and in the dark."""
    parts = [
        "<!doctype html>", '<html lang="en">', "<head>", '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(view)}: {TITLE}", f"<style>{STYLE}</style>", "</head>",
        "<body>", f"<h1>{escape(view)}: what is different</h1>", _counts(found), _columns(found),
        *(_example(one, behind.get(str(one.aggregate), ())) for one in found.examples),
        _more(found), "</body>", "</html>",
    ]  # fmt: skip
    return "\n".join(part for part in parts if part) + "\n"


def _counts(found: Diff) -> str:
    rows = (
        ("alike", found.same), ("different", found.different), ("only before", found.only_before),
        ("only after", found.only_after), ("on their way", found.on_their_way),
    )  # fmt: skip
    parts = "".join(f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in rows)
    return f"<dl>{parts}</dl>"


def _columns(found: Diff) -> str:
    if not found.columns:
        return ""
    head = '<tr><th>column</th><th class="n">rows</th></tr>'
    rows = (
        f'<tr><td>{escape(name)}</td><td class="n">{count:,}</td></tr>'
        for name, count in found.columns.most_common()
    )
    return f"<h2>By column</h2>\n<table>{head}{''.join(rows)}</table>"


def _more(found: Diff) -> str:
    return f"<p>And {many(found.unshown, 'row')} more.</p>" if found.unshown else ""


def _example(one: Example, events: Sequence[str]) -> str:
    title = f"<h2>{escape(one.place)} <small>version {one.version:,}</small></h2>"
    head = "<tr><th>column</th><th>before</th><th>after</th></tr>"
    lines = "\n".join(escape(line) for line in events)
    pre = f"\n<pre>{lines}</pre>" if lines else ""
    return f"{title}\n<table>{head}{''.join(_cells(one.columns))}</table>{pre}"


def _cells(columns: Mapping[str, tuple[Any, Any]]) -> Iterator[str]:
    for name, (before, after) in columns.items():
        was, now = escape(repr(before)), escape(repr(after))
        yield f"<tr><td>{escape(name)}</td><td><del>{was}</del></td><td><ins>{now}</ins></td></tr>"
