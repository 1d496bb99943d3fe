"""Figures about the trials of a study. Data in, figure out; every mark carries its trial's name.

`trials` are rows as a study gives them, with the column `order`: the place in which a trial was
proposed, from 0.
"""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.studies import Dimension, Field, short_name

GOOD = (27, 153, 139)
ACCENT = "#E4572E"
GREY = "#8A8F9C"
GRID = "rgba(138, 138, 138, 0.22)"
MARKS: dict[str, dict[str, Any]] = {
    "complete": {"symbol": "circle", "color": "#1B998B", "size": 7},
    "stopped": {"symbol": "circle-open", "color": "#E9A23B", "size": 8, "line": {"width": 1.8}},
    "running": {"symbol": "diamond", "color": "#5B6AE0", "size": 9},
    "failed": {"symbol": "x-thin", "color": "#D1495B", "size": 8,
               "line": {"width": 2, "color": "#D1495B"}},
    "queued": {"symbol": "circle-open-dot", "color": GREY, "size": 7},
}  # fmt: skip
"""How a trial looks in every figure, by its state. No outlines: they double a figure's time."""
RING = {"symbol": "circle-open", "size": 17, "color": ACCENT, "line": {"width": 2.5}}
UNFADED = {"selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}}}
"""A click chooses a trial; it must not leave all others faded."""
Trace = dict[str, Any]
PAPER = {False: (255, 255, 255), True: (28, 31, 38)}
"""A card's own colour, light and dark: figures that lay one thing over another need it."""


def history(trials: pd.DataFrame, objective: str, chosen: str | None) -> go.Figure:
    """Each trial's best value in the order of the search, and the best of all so far."""
    scored = trials.dropna(subset=["best_value"]).sort_values("order")
    best: Trace = {
        "type": "scatter",
        "x": scored["order"].tolist(),
        "y": scored["best_value"].cummax().tolist(),
        "mode": "lines",
        "line": {"color": ACCENT, "width": 2.2, "shape": "hv"},
        "name": "best so far",
        "hovertemplate": "best so far %{y:.4f}<extra></extra>",
    }
    traces = [best, *_marks(trials, trials["order"], chosen)]
    x: Trace = {"title": {"text": "trial"}, "tickformat": "d", "rangemode": "tozero"}
    y = {"title": {"text": escape(objective), "standoff": 4}}
    return _figure(traces, 300, x, y, margin=(62, 12, 12, 46))


def landscape(
    trials: pd.DataFrame,
    space: Mapping[str, Dimension],
    x: str,
    y: str,
    field: Field | None,
    chosen: str | None,
    *,
    dark: bool,
) -> go.Figure:
    """Two settings against each other: the trials, over what lies between them."""
    places, heights = (_on_axis(trials[name], space[name]) for name in (x, y))
    traces = _marks(trials, places, chosen, heights=heights)
    if field is not None:
        traces.insert(0, _between(field, dark))
    height = 330 + 70 * min(3, max(0, len(space) - 3))
    axes = _axis(x, space[x]), _axis(y, space[y]) | {"showgrid": False}
    return _figure(traces, height, *axes, margin=(76, 58, 8, 50))


def slices(trials: pd.DataFrame, space: Mapping[str, Dimension], chosen: str | None) -> go.Figure:
    """The trials' values against each setting by itself: small figures in rows of two."""
    rows = -(-len(space) // 2)
    traces: list[Trace] = []
    layout: Trace = {}
    for place, (name, dimension) in enumerate(space.items()):
        row, column = divmod(place, 2)
        number = "" if place == 0 else str(place + 1)
        ends = {"xaxis": f"x{number}", "yaxis": f"y{number}"}
        # The whole hover text of every trial, once for each setting, would be most of the page.
        told = f"<b>%{{customdata}}</b><br>{escape(short_name(name))} %{{x}}<br>%{{y:.4f}}"
        short = {"text": None, "hovertemplate": f"{told}<extra></extra>"}
        for mark in _marks(trials, _on_axis(trials[name], dimension), chosen):
            traces.append(mark | ends | (short if "text" in mark else {}))
        width, height = [0.56 * column, 0.56 * column + 0.44], 1 / (rows + 0.42 * (rows - 1))
        top = 1 - row * 1.42 * height
        still: Trace = {"zeroline": False, "automargin": False}
        across = {"domain": width, "anchor": f"y{number}", "showgrid": False}
        upward = {"domain": [max(0.0, top - height), top], "anchor": f"x{number}", "nticks": 5}
        layout[f"xaxis{number}"] = {**_axis(name, dimension), **across, **still}
        layout[f"yaxis{number}"] = {**upward, **still, "gridcolor": GRID}
    return _figure(traces, 48 + 190 * rows, {}, {}, margin=(40, 12, 8, 44), more=layout)


def importance(values: Mapping[str, float]) -> go.Figure:
    """The share of the results' variance that each setting explains, the greatest on top."""
    names = [escape(short_name(name)) for name in values][::-1]
    shares = list(values.values())[::-1]
    bars: Trace = {
        "type": "bar",
        "x": shares,
        "y": names,
        "orientation": "h",
        "marker": {"color": [GREY] * (len(names) - 1) + [ACCENT], "line": {"width": 0}},
        "text": [f"{share:.0%}" for share in shares],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.1%}<extra></extra>",
    }
    x = {"visible": False, "range": [0, 1.15 * max(shares, default=1)]}
    longest = max(map(len, names), default=0)
    height = 30 + 42 * max(2, len(names))
    margin = (min(190, 16 + 7 * longest), 44, 8, 8)
    return _figure([bars], height, x, {"showgrid": False}, margin=margin)


def hovers(trials: pd.DataFrame, space: Sequence[str], objective: str) -> list[str]:
    """What is told of each trial where the pointer rests on it."""
    told = []
    for row in trials.to_dict("records"):
        lines = [f"<b>{escape(str(row['trial']))}</b> {escape(str(row['state']))}"]
        if row["best_value"] == row["best_value"]:
            epoch = int(row["best_epoch"])
            lines.append(f"{escape(objective)} {row['best_value']:.4f} in epoch {epoch}")
        if row["reason"]:
            lines.append(escape(str(row["reason"])[:90]))
        lines += [f"{escape(short_name(name))} {value_text(row[name])}" for name in space]
        told.append("<br>".join(lines))
    return told


def value_text(value: object) -> str:
    """A setting's value, short; never markup."""
    return f"{value:.3g}" if isinstance(value, float) else escape(str(value))


def shade(share: float, dark: bool) -> str:
    """Green as strong as the share, on the card's paper: 0 is the paper itself."""
    mixed = (
        round(paper + share * (ink - paper)) for paper, ink in zip(PAPER[dark], GOOD, strict=True)
    )
    return f"rgb({', '.join(map(str, mixed))})"


def _between(field: Field, dark: bool) -> Trace:
    return {
        "type": "contour",
        "x": list(field.x),
        "y": list(field.y),
        "z": np.round(field.values_YX, 5),
        "colorscale": [[0, shade(0.03, dark)], [0.5, shade(0.2, dark)], [1, shade(0.55, dark)]],
        "ncontours": 12,
        "line": {"width": 0.5, "color": "rgba(138, 138, 138, 0.35)"},
        "colorbar": {"thickness": 8, "outlinewidth": 0, "len": 0.9, "nticks": 6, "x": 1.01},
        "hoverinfo": "skip",
        "connectgaps": False,
    }


def _marks(
    trials: pd.DataFrame,
    places: pd.Series,
    chosen: str | None,
    heights: pd.Series | None = None,
) -> list[Trace]:
    """The trials by state, and a ring around the chosen one.

    Without `heights` a trial stands at its value; one without a value lies at the foot.
    """
    if heights is None:
        scores = trials["best_value"]
        low, high = scores.min(), scores.max()
        heights = scores.fillna(low - 0.06 * (high - low or 1) if low == low else 0.0)
    traces = []
    for state, mark in MARKS.items():
        mine = (trials["state"] == state).to_numpy()
        if not mine.any():
            continue
        traces.append(
            {
                "type": "scatter",
                "x": places[mine].tolist(),
                "y": heights[mine].tolist(),
                "customdata": trials["trial"][mine].tolist(),
                "text": trials["hover"][mine].tolist(),
                "mode": "markers",
                "name": state,
                "marker": mark,
                **UNFADED,
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    ring = (trials["trial"] == chosen).to_numpy()
    if ring.any():
        x, y = places[ring].tolist(), heights[ring].tolist()
        quiet: Trace = {"showlegend": False, "hoverinfo": "skip", **UNFADED}
        traces.append(
            {"type": "scatter", "x": x, "y": y, "mode": "markers", "marker": RING, **quiet}
        )
    return traces


def _axis(name: str, dimension: Dimension) -> dict[str, Any]:
    title = {"text": escape(short_name(name))}
    if dimension.kind == "choice":
        order = [str(value) for value in dimension.values]
        return {"title": title, "type": "category", "categoryarray": order}
    if dimension.kind == "log":
        values, texts = zip(*powers(dimension), strict=True)
        return {"title": title, "type": "log", "tickvals": values, "ticktext": texts}
    return {"title": title, "nticks": 6}


def powers(dimension: Dimension, most: int = 6) -> list[tuple[float, str]]:
    """Powers of ten within a log range as (value, text), at most so many; its ends if it has one.

    The twos and fives between them would crowd a small figure.
    """
    first, last = math.ceil(math.log10(dimension.low)), math.floor(math.log10(dimension.high))
    values = [10.0**power for power in range(first, last + 1)]
    if len(values) < 2:
        values = [dimension.low, dimension.high]
    return [(value, f"{value:g}") for value in values[:: -(-len(values) // most)]]


def _on_axis(values: pd.Series, dimension: Dimension) -> pd.Series:
    """A setting's values as its axis takes them: the values of a choice are names."""
    return values.map(str) if dimension.kind == "choice" else values


def _figure(
    traces: list[Trace],
    height: int,
    x: Trace,
    y: Trace,
    *,
    margin: tuple[int, int, int, int],
    more: Trace | None = None,
) -> go.Figure:
    """A figure; its margin is left, right, top, bottom.

    Made in one go: plotly checks everything again for each part that is added. Margins are given:
    to find them, the browser draws a figure twice.
    """
    still: Trace = {"zeroline": False, "automargin": False}
    left, right, top, bottom = margin
    return go.Figure(
        data=traces,
        layout={
            "height": height,
            "margin": {"l": left, "r": right, "t": top, "b": bottom, "autoexpand": False},
            "showlegend": False,
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#9a9ea9", "activecolor": ACCENT},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hovermode": "closest",
            "dragmode": False,
            "xaxis": {**still, "showgrid": False, **x},
            "yaxis": {**still, "gridcolor": GRID, "nticks": 6, **y},
            **(more or {}),
        },
    )
