"""Latency against load as an SVG that reads on light and dark ground. Knows reports, not how they came about."""

from collections.abc import Sequence
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, GAP = 960, 470, 64, 20, 64, 84, 76
PANELS = (("time_to_first_token", "Time to first token"), ("latency", "Whole answer"))
DASHES = {"p50": "", "p90": "7 4", "p99": "2 4"}
# One colour a run: the first four of the Okabe-Ito palette that keep their contrast on both grounds.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; } .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #57606a; font-size: 12px; } .grid { stroke: #d0d7de; } .ground { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .quiet { fill: #9198a1; } .grid { stroke: #3d444d; } .ground { fill: #0d1117; }
  }
"""


def svg(reports: Sequence[dict]) -> str:
    """Every report's levels as one colour, p50, p90 and p99 as three strokes, on a logarithmic scale of seconds."""
    open_loop = reports[0]["levels"][0]["arrivals"] == "open"
    loads = [level["load"] for report in reports for level in report["levels"]]
    seconds = [
        level[key][name]
        for report in reports
        for level in report["levels"]
        for key, _ in PANELS
        if level[key]
        for name in DASHES
    ]
    if not seconds:
        return _document([_text(WIDTH / 2, HEIGHT / 2, "no request was answered", "title", "middle")])
    low, high = floor(log10(max(min(seconds), 1e-4))), ceil(log10(max(*seconds, 1e-3)))
    high = max(high, low + 1)
    panel = (WIDTH - LEFT - RIGHT - GAP) / 2
    axis = "requests a second, offered" if open_loop else "requests at once"

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (log10(max(value, 10**low)) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    parts = []
    for number, (key, title) in enumerate(PANELS):
        left = LEFT + number * (panel + GAP)

        def x(load: float, left: float = left) -> float:
            return left + load / (max(loads) * 1.05) * panel

        parts.append(_text(left, TOP - 16, f"{title}, seconds", "title"))
        for power in range(low, high + 1):
            parts.append(_line(left, y(10**power), left + panel, y(10**power), 'class="grid"'))
            parts.append(_text(left - 8, y(10**power) + 4, f"{10.0**power:g}", "quiet", "end"))
        for load in _thinned(sorted(set(loads)), x):
            parts.append(_text(x(load), HEIGHT - BOTTOM + 20, f"{load:g}", "quiet", "middle"))
        parts.append(_text(left + panel / 2, HEIGHT - BOTTOM + 40, axis, "quiet", "middle"))
        for report, colour in zip(reports, COLOURS):
            for name, dash in DASHES.items():
                points = [(x(level["load"]), y(level[key][name])) for level in report["levels"] if level[key]]
                parts.append(_curve(points, colour, dash))
    parts += _legend(reports)
    return _document(parts)


def _legend(reports: Sequence[dict]) -> list[str]:
    parts, left, line = [], LEFT, HEIGHT - 18
    for report, colour in zip(reports, COLOURS):
        name = report["name"]
        parts.append(f'<circle cx="{left + 5}" cy="{line - 4}" r="5" fill="{colour}"/>')
        parts.append(_text(left + 16, line, name, ""))
        left += 40 + 7.4 * len(name)
    left = WIDTH - RIGHT - 3 * 86
    for name, dash in DASHES.items():
        parts.append(_line(left, line - 4, left + 34, line - 4, f'stroke="#8c959f" stroke-width="2" stroke-dasharray="{dash}"'))
        parts.append(_text(left + 42, line, name, ""))
        left += 86
    return parts


def _thinned(loads: Sequence[float], x) -> list[float]:
    """Leaves out labels that would touch the one before."""
    kept: list[float] = []
    for load in loads:
        if not kept or x(load) - x(kept[-1]) >= 30:
            kept.append(load)
    return kept


def _curve(points: Sequence[tuple[float, float]], colour: str, dash: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>{dots}'


def _line(x1: float, y1: float, x2: float, y2: float, rest: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {rest}/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def _document(parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Latency against load">\n<style>{STYLE}</style>\n'
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>\n{body}\n</svg>\n'
    )
