"""The demo's chart, as SVG: bars in panels, readable in the light and in the dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH, MARGIN, GAP = 760, 28, 44
TOP, LABEL, BAR, ROW = 84, 16, 20, 52
SAID = 118  # room for a number behind the longest bar
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #57606a }
.ground { fill: #fff; stroke: #d0d7de }
.title { font-size: 16px; font-weight: 600; fill: #1f2328 }
.head, .said { font-weight: 600; fill: #1f2328 }
.small { font-size: 11px }
.bar { fill: #afb8c1 } .ours { fill: #0f7b8a }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .ground { fill: #0d1117; stroke: #3d444d }
  .title, .head, .said { fill: #f0f6fc }
  .bar { fill: #4b535d } .ours { fill: #2fb6c6 }
}
"""


class Bar(NamedTuple):
    """One thing that was measured."""

    name: str
    value: float
    said: str  # the value, as people read it
    ours: bool = False


class Panel(NamedTuple):
    """Bars of one unit."""

    title: str
    bars: Sequence[Bar]


def chart(title: str, panels: Sequence[Panel], notes: Sequence[str]) -> str:
    """Panels side by side, and below them how it was measured."""
    high = TOP + ROW * max(len(one.bars) for one in panels)
    wide = (WIDTH - 2 * MARGIN - GAP * (len(panels) - 1)) / len(panels)
    parts = [_text(MARGIN, 38, title, "title")]
    for n, panel in enumerate(panels):
        parts += _panel(MARGIN + n * (wide + GAP), wide, panel)
    parts += [_text(MARGIN, high + 14 + 17 * n, one, "small") for n, one in enumerate(notes)]
    return _svg(title, high + 17 * len(notes) + 16, parts)


def _panel(left: float, wide: float, panel: Panel) -> Iterator[str]:
    most = max(one.value for one in panel.bars) or 1
    yield _text(left, 66, panel.title, "head")
    for n, one in enumerate(panel.bars):
        y = TOP + ROW * n
        long = max(2.0, (wide - SAID) * one.value / most)
        kind = "bar ours" if one.ours else "bar"
        yield _text(left, y + LABEL - 4, one.name)
        yield (
            f'<rect class="{kind}" x="{left:.1f}" y="{y + LABEL}" width="{long:.1f}" '
            f'height="{BAR}" rx="3"/>'
        )
        yield _text(left + long + 8, y + LABEL + 15, one.said, "said")


def _svg(title: str, high: int, parts: Sequence[str]) -> str:
    said = escape(title)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{high}" '
        f'viewBox="0 0 {WIDTH} {high}" role="img" aria-label="{said}">'
    )
    ground = f'<rect class="ground" x=".5" y=".5" width="{WIDTH - 1}" height="{high - 1}" rx="8"/>'
    lines = [head, f"<title>{said}</title>", f"<style>{STYLE}</style>", ground, *parts, "</svg>"]
    return "\n".join(lines) + "\n"


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:.1f}" y="{y:.0f}">{escape(words)}</text>'
