"""Line charts as inline SVG: they take the page's colours, light or dark, and need no script."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 440, 230
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 26
COLOURS = 8
"""Colours of series, `--c0` … in the style sheet."""
DASHES = ("", "2 4", "7 4", "7 3 2 3", "1 3")
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line."""

    name: str
    points: Points
    """(x, y), x ascending; a y that is no number leaves a gap."""
    colour: int = 0
    """Its colour's number."""
    dash: int = 0
    """Its dash's number."""


def lines(series: Sequence[Series], title: str) -> str:
    """A chart of several lines with its legend; nothing where no line has a point."""
    known = [[point for point in one.points if math.isfinite(point[1])] for one in series]
    every = [point for points in known for point in points]
    if not every:
        return ""
    x_low, x_high = min(x for x, _ in every), max(x for x, _ in every)
    ticks = nice_ticks(min(y for _, y in every), max(y for _, y in every))
    scale = _Scale(x_low, max(x_high, x_low + 1), ticks[0], ticks[-1])
    parts = [_grid(scale, ticks), *(_line(scale, one) for one in series)]
    return (
        f'<figure class="chart"><figcaption>{escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)} by epoch">'
        f"{''.join(parts)}</svg>{_legend(series)}</figure>"
    )


def nice_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round values that hold `low` and `high` between them, `count` or so, ascending."""
    if high - low < 1e-12:
        pad = abs(low) * 0.1 or 0.5
        low, high = low - pad, high + pad
    rough = (high - low) / (count - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * part for part in (1, 2, 2.5, 5, 10) if power * part >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


@dataclass(frozen=True)
class _Scale:
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        share = (value - self.x_low) / (self.x_high - self.x_low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _grid(scale: _Scale, ticks: Sequence[float]) -> str:
    parts = []
    for tick in ticks:
        y = scale.y(tick)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{tick:.4g}</text>'
        )
    step = max(1, math.ceil((scale.x_high - scale.x_low) / 7))
    for epoch in range(math.ceil(scale.x_low), math.floor(scale.x_high) + 1, step):
        parts.append(
            f'<text x="{scale.x(epoch):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{epoch}</text>'
        )
    return "".join(parts)


def _line(scale: _Scale, series: Series) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in series.points:
        if math.isfinite(y):
            runs[-1].append((scale.x(x), scale.y(y)))
        elif runs[-1]:
            runs.append([])
    dash = f' stroke-dasharray="{DASHES[series.dash % len(DASHES)]}"' if series.dash else ""
    colour = f"c{series.colour % COLOURS}"
    parts = [
        f'<polyline class="{colour}"{dash} points="'
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        + '"/>'
        for run in runs
        if len(run) > 1
    ]
    # A few epochs are marked: the value under the pointer is told by the mark's title.
    for x, y in series.points if len(series.points) <= 60 else []:
        if math.isfinite(y):
            told = f"<title>{escape(series.name)}, epoch {x:g}: {y:.4g}</title>"
            spot = f'cx="{scale.x(x):.1f}" cy="{scale.y(y):.1f}"'
            parts.append(f'<circle class="{colour}" {spot} r="2.4">{told}</circle>')
    return "".join(parts)


def _legend(series: Sequence[Series]) -> str:
    parts = []
    for one in series:
        dash = f' stroke-dasharray="{DASHES[one.dash % len(DASHES)]}"' if one.dash else ""
        parts.append(
            f'<span><svg viewBox="0 0 22 6" class="key"><polyline class="c{one.colour % COLOURS}"'
            f'{dash} points="0,3 22,3"/></svg>{escape(one.name)}</span>'
        )
    return f'<div class="legend">{"".join(parts)}</div>'
