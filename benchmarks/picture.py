"""A picture of a few lines, as SVG: no library is needed for so little."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 320, 60, 190, 40, 40
COLOURS = ("#1f6f8b", "#c8553d", "#5b8c5a", "#6b4e9b")
STEPS = 4


def lines(
    title: str, across: str, up: str, at: Sequence[float], series: Mapping[str, Sequence[float]]
) -> str:
    """Each series over the same places, from nought up."""
    most = _rounded(max(max(values) for values in series.values()))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def place(x: float, y: float) -> str:
        return f"{LEFT + wide * x / max(at):.1f},{TOP + high * (1 - y / most):.1f}"

    parts = [_text(LEFT, 24, title, weight="bold"), _text(LEFT + wide / 2, HEIGHT - 8, across)]
    for step in range(STEPS + 1):
        y = TOP + high * (1 - step / STEPS)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(_text(8, y + 4, f"{most * step / STEPS:g} {up}"))
    parts += [_text(LEFT + wide * x / max(at) - 6, HEIGHT - 24, f"{x:g}") for x in at]
    for nth, (name, values) in enumerate(series.items()):
        colour = COLOURS[nth % len(COLOURS)]
        points = " ".join(place(x, y) for x, y in zip(at, values, strict=True))
        line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        parts.append(line)
        parts.append(_text(WIDTH - RIGHT + 12, TOP + 20 + 20 * nth, name, colour))
    body = "\n".join(parts)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    style = 'font-family="sans-serif" font-size="12"'
    ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    return f"{head}{style}>\n{ground}\n{body}\n</svg>\n"


def _text(x: float, y: float, words: str, colour: str = "#333", weight: str = "normal") -> str:
    said = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" font-weight="{weight}">{said}</text>'


def _rounded(most: float) -> float:
    """The next of 1, 2, 4, 10, 20 … above it."""
    step = 1.0
    while True:
        for times in (1, 2, 4):
            if step * times >= most:
                return step * times
        step *= 10
